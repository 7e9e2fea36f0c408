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
 * Admits replayed dead letters: their event id is claimed by the record that became the letter, and
 * the claim may move from that position to the replayed record's, once.
 *
 * <p>A record's own headers prove nothing, since everybody who may write to the source can write
 * them. So the dead letter that they name is read: it must stand in this pipeline's dead letters,
 * committed, be written by this group, and come from the very position whose claim is asked for. A
 * letter commits in one transaction with the offset of its source, so that record had no outputs,
 * will never be handled again, and nobody else can rest on its claim. Whoever is first to ask holds
 * the claim from then on, at a position of its own; for everybody later the claim is elsewhere, and
 * they are duplicates, as is a record that names a letter of another group or none at all.
 *
 * <p>It is no way round the guard either for records whose event id the letter's source did not
 * have: the move compares the claim on the record's own id with the letter's source.
 */
public final class ReplayGuard implements Guard {
  private final Guard guard;
  private final LetterLookup letters;
  private final String deadLetters;
  private final String group;
  private final Executor lookups;

  /**
   * @param guard what makes the claims
   * @param deadLetters the pipeline's topic of dead letters
   * @param lookups where letters are looked up, away from the worker's thread
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
    // A claim that has to be repeated needs no second look: letters do not change.
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
