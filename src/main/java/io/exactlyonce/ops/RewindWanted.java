package io.exactlyonce.ops;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.receipt.Rewind;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Body of a request to rewind a group, with the options of the command {@code rewind} as fields.
 *
 * @param dryRun a boolean; default true, so that leaving it out moves nothing
 * @param to positions, one for each partition that is to move: {@code orders-3@17}
 * @param time an instant, or a time ago: {@code PT1H}
 * @param beginning a boolean; true: each partition to the first record that is still there
 * @param topics with {@code time} and {@code beginning}, only these; null: all except retry topics
 * @param why the reason, which is written in the receipt; at most 200 characters; needed unless
 *     this is a dry run
 */
@Serdeable
record RewindWanted(
    @Schema(type = "boolean", defaultValue = "true") @Nullable Object dryRun,
    @Nullable List<String> to,
    @Nullable String time,
    @Schema(type = "boolean", defaultValue = "false") @Nullable Object beginning,
    @Nullable List<String> topics,
    @Nullable String why) {
  static final RewindWanted NOTHING = new RewindWanted(null, null, null, null, null, null);

  private static final int MAX_POSITIONS = 10_000;
  private static final int MAX_WHY = 200;

  /**
   * Whether only to report what would move.
   *
   * @throws IllegalArgumentException whose message begins with the field that is wrong; {@link
   *     #because} and {@link #target} throw it likewise
   */
  boolean isDryRun() {
    return isTrue("dryRun", dryRun, true);
  }

  /** The reason for the receipt; empty for a dry run without one. */
  String because() {
    String text = why == null ? "" : why.strip().replaceAll("\\p{Cntrl}", " ");
    if (text.isEmpty() && !isDryRun()) {
      throw wrong(
          "why", "is missing; send {\"why\":\"...\"}, which the receipt and the audit repeat");
    }
    if (text.length() > MAX_WHY) {
      throw wrong("why", "is longer than " + MAX_WHY + " characters");
    }
    return text;
  }

  Rewind.Target target(Clock clock) {
    boolean isToBeginning = isTrue("beginning", beginning, false);
    long given = Stream.of(to != null, time != null, isToBeginning).filter(is -> is).count();
    if (given != 1) {
      throw wrong(
          "to",
          "give one of {\"to\":[\"orders-3@17\"]}, {\"time\":\"PT1H\"} and {\"beginning\":true}");
    }
    if (to != null) {
      return offsets(to);
    }
    Set<String> only = only();
    return time != null
        ? new Rewind.Target.Time(when(time, clock), only)
        : new Rewind.Target.Beginning(only);
  }

  private Rewind.Target offsets(List<String> positions) {
    if (topics != null) {
      throw wrong("topics", "goes with time or beginning; to names all");
    }
    if (positions.isEmpty() || positions.size() > MAX_POSITIONS) {
      throw wrong("to", "has no position, or more than " + MAX_POSITIONS);
    }
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (@Nullable String text : positions) {
      RecordPosition at = text == null ? null : RecordPosition.parse(text.strip());
      if (at == null) {
        throw wrong("to", "has one that is no position; write orders-3@17");
      }
      if (offsets.put(at.partition(), at.offset()) != null) {
        throw wrong("to", "names " + at.partition() + " twice; write one offset for it");
      }
    }
    return new Rewind.Target.Offsets(offsets);
  }

  private Set<String> only() {
    List<String> all = topics == null ? List.of() : topics;
    if (all.stream().anyMatch(text -> text == null || text.isBlank())) {
      throw wrong("topics", "has a blank in it; leave it out for all");
    }
    return Set.copyOf(all);
  }

  private static Instant when(String text, Clock clock) {
    try {
      return text.startsWith("P")
          ? clock.instant().minus(Duration.parse(text))
          : Instant.parse(text);
    } catch (DateTimeException | ArithmeticException e) {
      throw wrong("time", "is no time; write 2026-11-01T00:00:00Z or PT1H");
    }
  }

  /**
   * The boolean in a field, which is declared as Object: converted to a Boolean, a string such as
   * "yes" would be taken for false, and offsets be moved.
   */
  private static boolean isTrue(String field, @Nullable Object given, boolean byDefault) {
    if (given != null && !(given instanceof Boolean)) {
      throw wrong(field, "is neither true nor false");
    }
    return given == null ? byDefault : (Boolean) given;
  }

  private static IllegalArgumentException wrong(String field, String text) {
    return new IllegalArgumentException(field + ": " + text);
  }
}
