package io.exactlyonce.deadletter;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Makes dead letters: a record's key, value and headers, followed by headers {@code dead-letter-*}
 * that say where it stood and why it could not be processed.
 *
 * @param topic of the letters
 * @param group of the pipeline that writes them; letters are replayed in their own group alone
 * @param handler class name of the handler that the record was for
 * @param mostBytes largest size of a letter. Its value is cut to fit, and a header says so: a
 *     letter too large for its topic must neither be dropped nor stop the pipeline
 */
public record DeadLetters(String topic, String group, String handler, int mostBytes, Clock clock) {
  public static final String PREFIX = "dead-letter-";

  /** Beginning of a reason where the handler threw. */
  public static final String HANDLER_THREW = "the handler threw";

  /** The first header that a letter adds, without the prefix; the record's own stand before it. */
  static final String FIRST = "topic";

  static final int MAX_STACK = 4_000;
  static final int MAX_MESSAGE = 1_000;
  private static final int MIN_TEXT = 40;

  /** Bytes kept for the record's frame and for headers that say what was cut. */
  private static final int RESERVE = 300;

  /** A place in a source topic. */
  public record Place(String topic, int partition, long offset) {}

  /**
   * Why a record is a dead letter.
   *
   * @param reason one sentence without the record's values
   * @param cause what was thrown; null where nothing was
   * @param attempts calls of the handler
   * @param origin where a record that comes from a retry topic stood in the source; else null
   * @param topicId of the source; zero where it is not known
   */
  public record Why(
      @Nullable String eventId,
      String reason,
      @Nullable Throwable cause,
      int attempts,
      @Nullable Place origin,
      Uuid topicId) {}

  public ProducerRecord<byte[], byte[]> letter(
      ConsumerRecord<byte[], byte[]> record, String reason, Throwable cause, int attempts) {
    return letter(record, new Why(null, reason, cause, attempts, null, Uuid.ZERO_UUID), mostBytes);
  }

  /**
   * Makes a letter. To make it fit it drops the record's headers, then its key, then shortens
   * texts, then cuts the value.
   *
   * @param bytes upper bound of its size, where one below {@link #mostBytes} is known
   */
  public ProducerRecord<byte[], byte[]> letter(
      ConsumerRecord<byte[], byte[]> record, Why why, int bytes) {
    int most = Math.min(bytes, mostBytes);
    Headers headers = new RecordHeaders(record.headers().toArray());
    describe(headers, record, why);
    byte[] key = record.key();
    if (around(headers, key) > most) {
      headers = withoutOriginals(headers, record.headers().toArray().length);
    }
    if (around(headers, key) > most && key != null) {
      add(headers, "key-cut-from", Integer.toString(key.length));
      key = null;
    }
    for (String longest : List.of("stack", "message", "reason")) {
      if (around(headers, key) > most) {
        shorten(headers, longest);
      }
    }
    byte[] value = maybeCut(record, headers, key, most);
    return new ProducerRecord<>(topic, null, null, key, value, headers);
  }

  private void describe(Headers headers, ConsumerRecord<byte[], byte[]> record, Why why) {
    Place here = new Place(record.topic(), record.partition(), record.offset());
    Place place = why.origin() == null ? here : why.origin();
    add(headers, FIRST, place.topic());
    add(headers, "topic-id", why.topicId().toString());
    add(headers, "partition", Integer.toString(place.partition()));
    add(headers, "offset", Long.toString(place.offset()));
    if (why.origin() != null) {
      add(headers, "via", here.topic() + "-" + here.partition() + "@" + here.offset());
    }
    add(headers, "timestamp", Long.toString(record.timestamp()));
    if (why.eventId() != null) {
      add(headers, "event-id", why.eventId());
    }
    add(headers, "reason", cut(why.reason(), MAX_MESSAGE));
    add(headers, "group", group);
    add(headers, "handler", handler);
    add(headers, "attempts", Integer.toString(why.attempts()));
    add(headers, "time", Instant.now(clock).toString());
    Throwable cause = why.cause();
    if (cause != null) {
      add(headers, "exception", cause.getClass().getName());
      add(headers, "message", cut(told(cause::getMessage), MAX_MESSAGE));
      add(headers, "stack", cut(told(() -> stack(cause)), MAX_STACK));
    }
  }

  /** Cuts the text of a header that leaves no room to its beginning. */
  private static void shorten(Headers headers, String name) {
    Header header = headers.lastHeader(PREFIX + name);
    if (header != null && header.value().length > MIN_TEXT) {
      String text = new String(header.value(), StandardCharsets.UTF_8);
      headers.remove(PREFIX + name);
      add(headers, name, cut(text, MIN_TEXT));
    }
  }

  /** Size of the letter without its value, in bytes. */
  private static int around(Headers headers, byte @Nullable [] key) {
    int around = RESERVE + (key == null ? 0 : key.length);
    for (Header header : headers) {
      around += Utils.utf8Length(header.key()) + 10;
      around += header.value() == null ? 0 : header.value().length;
    }
    return around;
  }

  /**
   * Without the record's own headers, where they leave no room; these stand before the added ones.
   * A record that comes from a topic of dead letters has headers of the same names.
   */
  private static Headers withoutOriginals(Headers headers, int originals) {
    Headers kept = new RecordHeaders(Arrays.stream(headers.toArray()).skip(originals).toList());
    add(kept, "headers-dropped", Integer.toString(originals));
    return kept;
  }

  private static byte @Nullable [] maybeCut(
      ConsumerRecord<byte[], byte[]> record,
      Headers headers,
      byte @Nullable [] key,
      int mostBytes) {
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

  /** Text of an exception; its class may be a user's, and may throw when it is asked. */
  private static String told(Supplier<String> text) {
    try {
      return String.valueOf(text.get());
    } catch (Throwable e) { // the letter is written without this text
      return "not available: reading it from the exception threw " + e.getClass().getName();
    }
  }

  private static String stack(Throwable cause) {
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + " ...";
  }
}
