package io.exactlyonce.guard;

import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.LetterLookup;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.Replayed;
import java.util.BitSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;

/**
 * Admits replayed dead letters. Their event id is claimed by the record that became the letter; the
 * claim may move from that position to the replayed record's, once.
 *
 * <p>A record's own headers prove nothing, since everybody who may write to the source can write
 * them. So the dead letter that they name is read. It must stand in this pipeline's dead letters,
 * committed, be written by this group, and come from the very position whose claim is asked for. A
 * letter commits in one transaction with the offset of its source. So that record had no outputs
 * and will never be handled again, and no other work depends on its claim. The first replayed
 * record that asks takes the claim over, for its own position. Later ones do not find the claim at
 * the letter's source any more and are duplicates, as is a record that names a letter of another
 * group, or no letter.
 *
 * <p>Headers that name the letter of another event do not pass a duplicate either: the claim on the
 * record's own id moves only if the letter's source holds it.
 */
public final class ReplayGuard implements Guard {
  private final Guard guard;
  private final LetterLookup letters;
  private final String deadLetters;
  private final String group;
  private final Executor lookups;

  /**
   * @param guard makes the claims
   * @param deadLetters the pipeline's topic of dead letters
   * @param lookups runs the look-ups of letters, away from the worker's thread
   */
  public ReplayGuard(
      Guard guard, LetterLookup letters, String deadLetters, String group, Executor lookups) {
    this.guard = guard;
    this.letters = letters;
    this.deadLetters = deadLetters;
    this.group = group;
    this.lookups = lookups;
  }

  @Override
  public CompletableFuture<BitSet> claim(ClaimBatch batch) {
    return guard.claim(batch);
  }

  @Override
  public CompletableFuture<Void> lookUp(ClaimBatch batch) {
    return CompletableFuture.runAsync(() -> find(batch), lookups);
  }

  private void find(ClaimBatch batch) {
    Set<RecordPosition> named =
        batch.replayed().values().stream()
            .map(Replayed::letter)
            .filter(at -> at.partition().topic().equals(deadLetters))
            .collect(Collectors.toSet());
    Map<RecordPosition, Letter> found = letters.find(named);
    batch
        .replayed()
        .forEach(
            (index, record) -> {
              Letter letter = found.get(record.letter());
              if (letter != null && vouches(letter, record)) {
                RecordPosition source = record.source();
                batch.takeOver(
                    index,
                    Position.encode(
                        letter.topicId(), source.partition().partition(), source.offset()));
              }
            });
    // A claim that is repeated needs no second look-up: letters do not change.
    batch.replayed().clear();
  }

  private boolean vouches(Letter letter, Replayed record) {
    return group.equals(letter.group()) && record.source().equals(letter.source());
  }

  @Override
  public CompletableFuture<Void> release(Supplier<Map<Uuid, Map<Integer, Long>>> processed) {
    return guard.release(processed);
  }

  @Override
  public CompletableFuture<Void> releaseForgotten(UnaryOperator<Set<TopicTag>> forgotten) {
    return guard.releaseForgotten(forgotten);
  }

  @Override
  public void adopt() {
    guard.adopt();
  }

  @Override
  public String generation() {
    return guard.generation();
  }

  @Override
  public void close() {
    guard.close();
  }
}
