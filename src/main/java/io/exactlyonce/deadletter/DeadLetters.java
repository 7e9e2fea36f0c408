package io.exactlyonce.deadletter;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Makes dead letters: the record as it was, key, value and headers, with headers that say where it
 * stood and why it is here.
 *
 * @param topic where they go
 * @param handler the class that was to handle the record
 * @param mostBytes a value that would make the letter larger is cut, and a header says so: a dead
 *     letter too large for its topic must neither be dropped nor stop the pipeline
 */
public record DeadLetters(String topic, String handler, int mostBytes, Clock clock) {
  public static final String PREFIX = "dead-letter-";
  private static final int MOST_STACK = 4_000;
  private static final int MOST_MESSAGE = 1_000;

  /** The record's frame and the headers that say what was cut. */
  private static final int RESERVE = 300;

  /**
   * @param reason one sentence without the record's values
   * @param cause what was thrown; null where nothing was
   * @param attempts calls of the handler
   */
  public ProducerRecord<byte[], byte[]> letter(
      ConsumerRecord<byte[], byte[]> record, String reason, Throwable cause, int attempts) {
    Headers headers = new RecordHeaders(record.headers().toArray());
    add(headers, "topic", record.topic());
    add(headers, "partition", Integer.toString(record.partition()));
    add(headers, "offset", Long.toString(record.offset()));
    add(headers, "timestamp", Long.toString(record.timestamp()));
    add(headers, "reason", cut(reason, MOST_MESSAGE));
    add(headers, "handler", handler);
    add(headers, "attempts", Integer.toString(attempts));
    add(headers, "time", Instant.now(clock).toString());
    if (cause != null) {
      add(headers, "exception", cause.getClass().getName());
      add(headers, "message", cut(String.valueOf(cause.getMessage()), MOST_MESSAGE));
      add(headers, "stack", cut(stack(cause), MOST_STACK));
    }
    byte[] key = record.key();
    if (around(headers, key) > mostBytes) {
      headers = withoutOriginals(headers);
    }
    if (around(headers, key) > mostBytes) {
      add(headers, "key-cut-from", Integer.toString(key.length));
      key = null;
    }
    return new ProducerRecord<>(topic, null, null, key, maybeCut(record, headers, key), headers);
  }

  /** What the letter takes besides its value. */
  private static int around(Headers headers, byte[] key) {
    int around = RESERVE + (key == null ? 0 : key.length);
    for (Header header : headers) {
      around += header.key().length() + (header.value() == null ? 0 : header.value().length) + 10;
    }
    return around;
  }

  /** Where the record's own headers leave no room, only what was added is kept. */
  private static Headers withoutOriginals(Headers headers) {
    Headers kept = new RecordHeaders();
    int dropped = 0;
    for (Header header : headers) {
      if (header.key().startsWith(PREFIX)) {
        kept.add(header);
      } else {
        dropped++;
      }
    }
    add(kept, "headers-dropped", Integer.toString(dropped));
    return kept;
  }

  private byte[] maybeCut(ConsumerRecord<byte[], byte[]> record, Headers headers, byte[] key) {
    byte[] value = record.value();
    if (value == null) {
      return null;
    }
    int room = Math.max(0, mostBytes - around(headers, key));
    if (value.length <= room) {
      return value;
    }
    add(headers, "value-cut-from", Integer.toString(value.length));
    return Arrays.copyOf(value, Math.max(0, room - 64));
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(PREFIX + name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static String stack(Throwable cause) {
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + " ...";
  }
}
