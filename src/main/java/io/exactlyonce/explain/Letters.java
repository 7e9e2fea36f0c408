package io.exactlyonce.explain;

import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.ReplayLog;
import io.exactlyonce.deadletter.Replayed;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Finds the dead letter of a record, and the record that a replay of the letter wrote. */
final class Letters {
  /**
   * Time around a replay that is searched at most. It covers the replay's transaction and
   * differences of clocks.
   */
  private static final Duration AROUND = Duration.ofMinutes(10);

  private static final Duration NEAR = Duration.ofSeconds(5);

  private final Log log;
  private final ExplainScope scope;
  private final WrittenSearch written;

  Letters(Log log, ExplainScope scope, WrittenSearch written) {
    this.log = log;
    this.scope = scope;
    this.written = written;
  }

  /** The last dead letter of the record; null where it is gone. */
  @Nullable Letter find(Account account, RecordPosition source) {
    List<ConsumerRecord<byte[], byte[]>> found =
        written.find(
            account,
            topic -> topic.equals(scope.deadLetters()),
            record -> isOf(new Letter(record), source));
    return found.isEmpty() ? null : new Letter(found.get(found.size() - 1));
  }

  private boolean isOf(Letter letter, RecordPosition source) {
    return source.equals(letter.source()) && scope.group().equals(letter.group());
  }

  /** The record that a replay wrote for the letter; null where none did, or it is gone. */
  @Nullable ConsumerRecord<byte[], byte[]> replayed(Letter letter, RecordPosition source) {
    long millis = replayTime(letter);
    if (millis < 0) {
      return null;
    }
    List<TopicPartition> partition = List.of(source.partition());
    for (Duration around : List.of(NEAR, AROUND)) {
      List<ConsumerRecord<byte[], byte[]>> found =
          written.between(
              partition,
              millis - around.toMillis(),
              millis + around.toMillis(),
              Long.MAX_VALUE,
              record -> {
                Replayed replayed = Replayed.of(record.headers());
                return replayed != null && replayed.letter().equals(letter.at());
              });
      if (!found.isEmpty()) {
        return found.get(0);
      }
    }
    return null;
  }

  /**
   * Time at which the letter was replayed, by the replays topic, in ms since the epoch; -1 where it
   * was not.
   */
  private long replayTime(Letter letter) {
    ReplayLog replays =
        new ReplayLog(scope.replays(), log.topicId(letter.at().partition().topic()));
    List<TopicPartition> partitions = log.partitions(scope.replays());
    long[] time = {-1};
    log.read(
        log.begins(partitions),
        log.ends(partitions),
        record -> {
          if (record.value() != null) {
            replays.add(record.value(), letter.at().partition().topic());
          }
          if (replays.holds(letter.at())) {
            time[0] = record.timestamp();
          }
          return time[0] < 0;
        });
    return time[0];
  }
}
