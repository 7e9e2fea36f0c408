package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.LogOffsets;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Explains from the log what became of an event. One instance answers any number of questions, one
 * at a time; each opens its own clients and closes them.
 *
 * @param admins makes an admin client, which is closed here
 * @param readers makes read_committed consumers without a group that reset to earliest, which are
 *     closed here
 * @param eventIds finds a record's event id as the pipeline does; null where it has none
 * @param claims looks up the claim on an event id, for a position to look at first and for a line
 *     of the answer; null: claims are not looked up
 * @param running the instance that runs the pipeline; null: asked from elsewhere, by the log alone
 */
public record Explain(
    Supplier<Admin> admins,
    Supplier<Consumer<byte[], byte[]>> readers,
    ExplainScope scope,
    Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds,
    Clock clock,
    @Nullable Claims claims,
    @Nullable Running running) {

  /** Explains from the log alone: what is in flight or at a stop is {@link Fate#NOT_YET}. */
  public Explain(
      Supplier<Admin> admins,
      Supplier<Consumer<byte[], byte[]>> readers,
      ExplainScope scope,
      Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds,
      Clock clock,
      @Nullable Claims claims) {
    this(admins, readers, scope, eventIds, clock, claims, null);
  }

  /** Look-up in the guard's store. */
  @FunctionalInterface
  public interface Claims {
    /**
     * The position that holds the id, as {@link io.exactlyonce.guard.Position} encodes it; empty
     * where none does.
     *
     * @throws io.exactlyonce.guard.GuardUnavailableException where the store does not answer
     */
    Optional<byte[]> find(byte[] eventId);
  }

  /** What an instance that runs the pipeline knows of records, and the log does not. */
  @FunctionalInterface
  public interface Running {
    /**
     * Where a record is that the group's offset is not behind.
     *
     * @param at its position, in a source or a retry topic
     */
    Standing find(RecordPosition at);
  }

  /**
   * Where a record is that the group's offset is not behind.
   *
   * @param fate {@link Fate#STOPPED}, {@link Fate#IN_FLIGHT} or {@link Fate#NOT_YET}
   * @param why the reason, in words
   */
  public record Standing(Fate fate, String why) {}

  /**
   * Explains an event by its id: the record that the claim on it names, if that was processed.
   * Otherwise, and where {@link ExplainScope#since} is set, it searches the sources for all records
   * with the id.
   *
   * @throws org.apache.kafka.common.KafkaException where the cluster does not answer or refuses, or
   *     the group or a topic does not exist
   */
  public Explanation id(String eventId) {
    return ask(question -> question.id(eventId.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Explains the event at a position: in a source; or in a retry topic, the dead letters or a sink,
   * whose record names its source position.
   *
   * @throws org.apache.kafka.common.KafkaException as {@link #id} does, and where the group does
   *     not read the topic
   */
  public Explanation position(RecordPosition position) {
    return ask(question -> question.position(position));
  }

  private Explanation ask(Function<Question, Explanation> asking) {
    try (BoundedClose<Admin> admin = BoundedClose.of(admins.get());
        BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(readers.get())) {
      Log log =
          new Log(
              new LogOffsets(admin.client(), scope.patience()),
              consumer.client(),
              scope.patience());
      return asking.apply(new Question(this, log));
    }
  }
}
