package io.exactlyonce.deadletter;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A record's position as headers and messages name it: {@code orders-3@17}. */
public record RecordPosition(TopicPartition partition, long offset) {
  private static final Pattern TEXT = Pattern.compile("(.+)-(\\d{1,9})@(\\d{1,18})");

  public static RecordPosition of(ConsumerRecord<?, ?> record) {
    return new RecordPosition(
        new TopicPartition(record.topic(), record.partition()), record.offset());
  }

  /** Null where the text is no position. */
  public static @Nullable RecordPosition parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    return matcher.matches()
        ? new RecordPosition(
            new TopicPartition(matcher.group(1), Integer.parseInt(matcher.group(2))),
            Long.parseLong(matcher.group(3)))
        : null;
  }

  @Override
  public String toString() {
    return partition + "@" + offset;
  }
}
