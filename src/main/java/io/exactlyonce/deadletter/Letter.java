package io.exactlyonce.deadletter;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** A dead letter as it is read back. Its methods read the headers of {@link DeadLetters}. */
public record Letter(ConsumerRecord<byte[], byte[]> record) {

  public RecordPosition at() {
    return RecordPosition.of(record);
  }

  /** The record's position in its source; null where no header says it: this is no dead letter. */
  public @Nullable RecordPosition source() {
    String topic = text("topic");
    long partition = number("partition");
    long offset = number("offset");
    return topic == null
            || topic.isEmpty()
            || partition < 0
            || partition > Integer.MAX_VALUE
            || offset < 0
        ? null
        : new RecordPosition(new TopicPartition(topic, (int) partition), offset);
  }

  /** The source topic's id when the letter was written; zero where the letter does not say. */
  public Uuid topicId() {
    String text = text("topic-id");
    try {
      return text == null ? Uuid.ZERO_UUID : Uuid.fromString(text);
    } catch (IllegalArgumentException e) {
      return Uuid.ZERO_UUID;
    }
  }

  /** The group whose pipeline wrote it; null where the letter does not say. */
  public @Nullable String group() {
    return text("group");
  }

  public @Nullable String reason() {
    return text("reason");
  }

  /** Class name of what was thrown; null where nothing was. */
  public @Nullable String exception() {
    return text("exception");
  }

  /** Message of what was thrown; null where nothing was. */
  public @Nullable String message() {
    return text("message");
  }

  /** Stack trace of what was thrown, maybe cut; null where nothing was. */
  public @Nullable String stack() {
    return text("stack");
  }

  /**
   * Whether the handler threw the exception. What a decoder or a serializer threw may quote the
   * record's value or key.
   */
  boolean isThrownByHandler() {
    return reason() != null && reason().startsWith(DeadLetters.HANDLER_THREW);
  }

  /** When it was written: by its header, or else by its timestamp. */
  public Instant time() {
    String text = text("time");
    try {
      return text == null ? Instant.ofEpochMilli(record.timestamp()) : Instant.parse(text);
    } catch (DateTimeException e) {
      return Instant.ofEpochMilli(record.timestamp());
    }
  }

  /** The part of the record that was cut or dropped, in words; null where it is whole. */
  public @Nullable String cut() {
    if (text("value-cut-from") != null) {
      return "its value was cut from " + text("value-cut-from") + " bytes";
    }
    if (text("key-cut-from") != null) {
      return "its key was dropped";
    }
    return text("headers-dropped") == null ? null : "its own headers were dropped";
  }

  /**
   * The record's own headers, which stand before the letter's. A record that is itself a dead
   * letter, of a pipeline before this one, keeps the headers that it came with.
   */
  public Headers ownHeaders() {
    Header[] all = record.headers().toArray();
    Headers own = new RecordHeaders();
    for (int i = 0; i < first(all); i++) {
      own.add(all[i]);
    }
    return own;
  }

  /** Where the headers of this letter begin; those of an earlier letter stand before them. */
  private static int first(Header[] all) {
    for (int i = all.length - 1; i >= 0; i--) {
      if (all[i].key().equals(DeadLetters.PREFIX + DeadLetters.FIRST)) {
        return i;
      }
    }
    return all.length;
  }

  private @Nullable String text(String name) {
    Header[] all = record.headers().toArray();
    for (int i = first(all); i < all.length; i++) {
      if (all[i].key().equals(DeadLetters.PREFIX + name) && all[i].value() != null) {
        return new String(all[i].value(), StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  private long number(String name) {
    String text = text(name);
    return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
  }
}
