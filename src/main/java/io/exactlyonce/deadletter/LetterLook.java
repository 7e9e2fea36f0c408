package io.exactlyonce.deadletter;

import io.exactlyonce.receipt.BoundedClose;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Finds a group's newest dead letters for callers over the network, who must not exhaust the
 * process: one look at a time, bounded in time, memory and number of letters. Changes nothing.
 */
public final class LetterLook {
  public static final int MAX_LETTERS = 200;

  private static final Duration BOUND = Duration.ofSeconds(10);

  /**
   * A request for letters.
   *
   * @param limit letters at the most, from 1 to {@link #MAX_LETTERS}
   * @param before where to begin, backwards: {@link Found#before} of an earlier look, an offset for
   *     each partition that is not finished; empty: at the end
   */
  public record Wanted(ReplayFilter filter, int limit, Map<Integer, Long> before) {}

  /**
   * The letters that were found.
   *
   * @param letters the newest first
   * @param before where the next look goes on; empty where everything was looked at
   */
  public record Found(List<SeenLetter> letters, Map<Integer, Long> before) {}

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final String group;
  private final String topic;
  private final Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds;
  private final Duration bound;
  private final AtomicBoolean isLooking = new AtomicBoolean();

  /**
   * @param consumers makes read_committed consumers without a group, to be closed here
   * @param group letters of others in the same topic are passed over
   * @param eventIds finds a record's event id as the pipeline does
   */
  public LetterLook(
      Supplier<Consumer<byte[], byte[]>> consumers,
      String group,
      String topic,
      Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds) {
    this(consumers, group, topic, eventIds, BOUND);
  }

  LetterLook(
      Supplier<Consumer<byte[], byte[]>> consumers,
      String group,
      String topic,
      Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds,
      Duration bound) {
    this.consumers = consumers;
    this.group = group;
    this.topic = topic;
    this.eventIds = eventIds;
    this.bound = bound;
  }

  /**
   * Finds the newest letters that fit, as far back as the time suffices.
   *
   * @return empty while another look is under way
   * @throws org.apache.kafka.common.KafkaException where the cluster does not answer or refuses
   */
  public Optional<Found> look(Wanted wanted) {
    if (!isLooking.compareAndSet(false, true)) {
      return Optional.empty();
    }
    try (BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(consumers.get())) {
      NewestLetters newest = new NewestLetters(wanted.limit());
      LettersBackwards reading = new LettersBackwards(consumer.client(), topic, bound);
      reading.read(wanted, new Choice(newest, wanted.filter()));
      return Optional.of(new Found(newest.letters(), reading.rest(newest.left())));
    } finally {
      isLooking.set(false);
    }
  }

  /** Takes the letters of this group that fit the filter. */
  private final class Choice implements LettersBackwards.Visitor {
    private final NewestLetters newest;
    private final ReplayFilter filter;

    Choice(NewestLetters newest, ReplayFilter filter) {
      this.newest = newest;
      this.filter = filter;
    }

    @Override
    public void visit(int stretch, ConsumerRecord<byte[], byte[]> record) {
      Letter letter = new Letter(record);
      boolean isOurs = letter.group() == null || letter.group().equals(group);
      if (isOurs && filter.takes(letter, id(record))) {
        newest.add(stretch, letter, () -> SeenLetter.of(letter, id(headersOf(record))));
      }
    }

    @Override
    public void forget(int stretch) {
      newest.forget(stretch);
    }

    @Override
    public boolean hasEnough() {
      return newest.isFull();
    }
  }

  private @Nullable String id(ConsumerRecord<byte[], byte[]> record) {
    byte[] id = eventIds.apply(record);
    return id == null ? null : new String(id, StandardCharsets.UTF_8);
  }

  /** The headers alone: an event id that stands in the key or the value must not be shown. */
  private static ConsumerRecord<byte[], byte[]> headersOf(ConsumerRecord<byte[], byte[]> record) {
    Headers headers = record.headers();
    return new ConsumerRecord<>(
        record.topic(),
        record.partition(),
        record.offset(),
        record.timestamp(),
        TimestampType.CREATE_TIME,
        0,
        0,
        null,
        null,
        headers,
        Optional.empty());
  }
}
