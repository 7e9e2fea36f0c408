package io.exactlyonce.deadletter;

import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Selects the dead letters that fit all of its criteria. An empty set, or null, is no criterion.
 *
 * @param since written then or later
 * @param until written before
 * @param reasons texts of which the letter's reason holds one, in upper or lower case
 * @param exceptions class names of what was thrown, in full or without their package
 * @param ids event ids
 * @param positions of the letter itself or of the record that it was
 * @param partitions of the record that it was
 */
public record ReplayFilter(
    @Nullable Instant since,
    @Nullable Instant until,
    Set<String> reasons,
    Set<String> exceptions,
    Set<String> ids,
    Set<RecordPosition> positions,
    Set<TopicPartition> partitions) {
  private static final Pattern PARTITION = Pattern.compile("(.+)-(\\d{1,9})");

  public static ReplayFilter all() {
    return new ReplayFilter(null, null, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());
  }

  /**
   * A partition as options and requests write it: {@code orders-3}.
   *
   * @return null where the text is none
   */
  public static @Nullable TopicPartition partition(String text) {
    Matcher matcher = PARTITION.matcher(text);
    return matcher.matches()
        ? new TopicPartition(matcher.group(1), Integer.parseInt(matcher.group(2)))
        : null;
  }

  /**
   * @param id the event id; null where none is found
   */
  boolean takes(Letter letter, @Nullable String id) {
    return (since == null || !letter.time().isBefore(since))
        && (until == null || letter.time().isBefore(until))
        && (reasons.isEmpty() || isGiven(letter.reason()))
        && (exceptions.isEmpty() || isThrown(letter.exception()))
        && (ids.isEmpty() || (id != null && ids.contains(id)))
        && (positions.isEmpty()
            || positions.contains(letter.at())
            || positions.contains(letter.source()))
        && (partitions.isEmpty() || isFrom(letter.source()));
  }

  private boolean isFrom(@Nullable RecordPosition source) {
    return source != null && partitions.contains(source.partition());
  }

  private boolean isGiven(@Nullable String reason) {
    String given = reason == null ? "" : reason.toLowerCase(Locale.ROOT);
    return reasons.stream().anyMatch(text -> given.contains(text.toLowerCase(Locale.ROOT)));
  }

  private boolean isThrown(@Nullable String exception) {
    return exception != null
        && (exceptions.contains(exception)
            || exceptions.contains(exception.substring(exception.lastIndexOf('.') + 1)));
  }
}
