package io.exactlyonce.deadletter;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Where a replayed record comes from, in headers of its own. Anybody can write such headers, so
 * they prove nothing: they say where to look.
 *
 * @param letter position of the dead letter
 * @param source position of the record that became the letter; the replayed record asks for the
 *     claim of that one
 * @param topicId of the source's topic as it was then; zero where it is not known, as in records
 *     that earlier versions replayed
 */
public record Replayed(RecordPosition letter, RecordPosition source, Uuid topicId) {
  public static final String LETTER = "replay-of";
  public static final String SOURCE = "replay-source";
  public static final String TOPIC_ID = "replay-source-topic-id";

  /** Reads the headers; null where the record is not replayed, or they are no positions. */
  public static @Nullable Replayed of(Headers headers) {
    Header letter = headers.lastHeader(LETTER);
    if (letter == null) { // all records but a few
      return null;
    }
    RecordPosition from = position(letter);
    RecordPosition source = position(headers.lastHeader(SOURCE));
    return from == null || source == null
        ? null
        : new Replayed(from, source, topicId(headers.lastHeader(TOPIC_ID)));
  }

  /** Adds the headers to a record's, in place of those of an earlier replay. */
  void mark(Headers headers) {
    headers.remove(LETTER);
    headers.remove(SOURCE);
    headers.remove(TOPIC_ID);
    headers.add(LETTER, letter.toString().getBytes(StandardCharsets.UTF_8));
    headers.add(SOURCE, source.toString().getBytes(StandardCharsets.UTF_8));
    if (!topicId.equals(Uuid.ZERO_UUID)) {
      headers.add(TOPIC_ID, topicId.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static @Nullable RecordPosition position(@Nullable Header header) {
    return header == null || header.value() == null
        ? null
        : RecordPosition.parse(new String(header.value(), StandardCharsets.UTF_8));
  }

  private static Uuid topicId(@Nullable Header header) {
    try {
      return header == null || header.value() == null
          ? Uuid.ZERO_UUID
          : Uuid.fromString(new String(header.value(), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Uuid.ZERO_UUID;
    }
  }
}
