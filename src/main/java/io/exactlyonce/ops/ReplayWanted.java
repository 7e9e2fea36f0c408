package io.exactlyonce.ops;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.Replay;
import io.exactlyonce.deadletter.ReplayFilter;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Body of a request to replay dead letters, with the options of the command {@code replay} as
 * fields.
 *
 * @param dryRun a boolean; default true, so that leaving it out changes nothing
 * @param all a boolean; has to be true where no other field selects letters and this is no dry run
 * @param since letters written from then on: an instant, or a time ago ({@code PT1H})
 * @param until letters written before then, likewise
 * @param reasons letters whose reason contains one of these texts, in whatever case
 * @param exceptions class names, with or without package
 * @param ids event ids
 * @param positions of letters, or of the records that they came from: {@code orders-3@17}
 * @param partitions from which the records came: {@code orders-3}
 * @param limit letters at most; null for all
 */
@Serdeable
record ReplayWanted(
    @Schema(type = "boolean", defaultValue = "true") @Nullable Object dryRun,
    @Schema(type = "boolean", defaultValue = "false") @Nullable Object all,
    @Nullable String since,
    @Nullable String until,
    @Nullable List<String> reasons,
    @Nullable List<String> exceptions,
    @Nullable List<String> ids,
    @Nullable List<String> positions,
    @Nullable List<String> partitions,
    @Nullable Long limit) {
  static final ReplayWanted NOTHING =
      new ReplayWanted(null, null, null, null, null, null, null, null, null, null);

  private static final int MAX_CHOICES = 1_000;

  /**
   * Whether letters are written.
   *
   * @throws IllegalArgumentException whose message begins with the field that is wrong; {@link
   *     #filter} and {@link #most} throw it likewise
   */
  Replay.Mode mode() {
    boolean isAll = isTrue("all", all, false);
    if (isTrue("dryRun", dryRun, true)) {
      return Replay.Mode.DRY_RUN;
    }
    boolean chooses =
        since != null
            || until != null
            || limit != null
            || List.of(set("reasons", reasons), set("exceptions", exceptions), set("ids", ids))
                .stream()
                .anyMatch(set -> !set.isEmpty())
            || !set("positions", positions).isEmpty()
            || !set("partitions", partitions).isEmpty();
    if (!chooses && !isAll) {
      throw wrong("all", "is missing; send true to replay every letter, or say which ones");
    }
    return Replay.Mode.WRITE;
  }

  ReplayFilter filter(Clock clock) {
    Set<RecordPosition> at = new HashSet<>();
    for (String text : set("positions", positions)) {
      RecordPosition position = RecordPosition.parse(text.strip());
      if (position == null) {
        throw wrong("positions", "has one that is no position; write orders-3@17");
      }
      at.add(position);
    }
    Set<TopicPartition> from = new HashSet<>();
    for (String text : set("partitions", partitions)) {
      TopicPartition partition = ReplayFilter.partition(text.strip());
      if (partition == null) {
        throw wrong("partitions", "has one that is no partition; write orders-3");
      }
      from.add(partition);
    }
    return new ReplayFilter(
        when("since", since, clock),
        when("until", until, clock),
        set("reasons", reasons),
        set("exceptions", exceptions),
        set("ids", ids),
        at,
        from);
  }

  /** Number of letters to replay at most; 0 for all. */
  long most() {
    if (limit != null && limit < 1) {
      throw wrong("limit", "is not 1 or more; leave it out for all");
    }
    return limit == null ? 0 : limit;
  }

  private static Set<String> set(String field, @Nullable List<String> given) {
    List<String> all = given == null ? List.of() : given;
    if (all.size() > MAX_CHOICES || all.stream().anyMatch(text -> text == null || text.isBlank())) {
      throw wrong(field, "has a blank in it, or more than " + MAX_CHOICES);
    }
    return Set.copyOf(all);
  }

  private static @Nullable Instant when(String field, @Nullable String text, Clock clock) {
    try {
      return text == null
          ? null
          : text.startsWith("P")
              ? clock.instant().minus(Duration.parse(text))
              : Instant.parse(text);
    } catch (DateTimeException | ArithmeticException e) {
      throw wrong(field, "is no time; write 2026-11-01T00:00:00Z or PT1H");
    }
  }

  /**
   * The boolean in a field, which is declared as Object: converted to a Boolean, a string such as
   * "yes" would be taken for false, and letters be written.
   */
  private static boolean isTrue(String field, @Nullable Object given, boolean byDefault) {
    if (given != null && !(given instanceof Boolean)) {
      throw wrong(field, "is neither true nor false");
    }
    return given == null ? byDefault : (Boolean) given;
  }

  private static IllegalArgumentException wrong(String field, String why) {
    return new IllegalArgumentException(field + ": " + why);
  }
}
