package io.exactlyonce.ops;

import io.exactlyonce.deadletter.LetterLook;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.ReplayFilter;
import io.exactlyonce.ops.access.RequestText;
import io.micronaut.http.HttpParameters;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Parses the query parameters of a request for dead letters, which are named as the options of the
 * command {@code letters}. Its methods throw an IllegalArgumentException that names the wrong
 * parameter and says what to write instead.
 */
record LetterQuery(HttpParameters parameters, Clock clock) {
  private static final int DEFAULT_LIMIT = 50;
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final Pattern REST = Pattern.compile("(\\d{1,9})@(\\d{1,18})");
  private static final List<String> NAMES =
      List.of(
          "since",
          "until",
          "reason",
          "exception",
          "id",
          "position",
          "partition",
          "limit",
          "before");

  LetterLook.Wanted wanted() {
    Set<String> unknown = new TreeSet<>(parameters.names());
    NAMES.forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw wrong(unknown.iterator().next(), "is none of " + String.join(", ", NAMES));
    }
    ReplayFilter filter =
        new ReplayFilter(
            when("since"),
            when("until"),
            all("reason").collect(Collectors.toSet()),
            listed("exception").collect(Collectors.toSet()),
            all("id").collect(Collectors.toSet()),
            positions(),
            partitions());
    return new LetterLook.Wanted(filter, limit(), before());
  }

  /**
   * Value of the parameter {@code before} for the next page: {@code 0@17,1@5}. Null where nothing
   * is left.
   */
  static @Nullable String before(Map<Integer, Long> rest) {
    return rest.isEmpty()
        ? null
        : rest.entrySet().stream()
            .map(entry -> entry.getKey() + "@" + entry.getValue())
            .collect(Collectors.joining(","));
  }

  private Map<Integer, Long> before() {
    Map<Integer, Long> before = new TreeMap<>();
    listed("before")
        .forEach(
            text -> {
              Matcher rest = REST.matcher(text);
              if (!rest.matches()) {
                throw wrong("before", "is not what an earlier answer gave as \"before\"");
              }
              before.put(Integer.valueOf(rest.group(1)), Long.valueOf(rest.group(2)));
            });
    return before;
  }

  private int limit() {
    String text = one("limit");
    if (text == null) {
      return DEFAULT_LIMIT;
    }
    int limit = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > LetterLook.MAX_LETTERS) {
      throw wrong("limit", "is not from 1 to " + LetterLook.MAX_LETTERS);
    }
    return limit;
  }

  private Set<RecordPosition> positions() {
    Set<RecordPosition> positions = new HashSet<>();
    listed("position")
        .forEach(
            text -> {
              RecordPosition at = RecordPosition.parse(text);
              if (at == null) {
                throw wrong("position", "is no position; write orders-3@17");
              }
              positions.add(at);
            });
    return positions;
  }

  private Set<TopicPartition> partitions() {
    Set<TopicPartition> partitions = new HashSet<>();
    listed("partition")
        .forEach(
            text -> {
              TopicPartition partition = ReplayFilter.partition(text);
              if (partition == null) {
                throw wrong("partition", "is no partition; write orders-3");
              }
              partitions.add(partition);
            });
    return partitions;
  }

  private @Nullable Instant when(String name) {
    String text = one(name);
    try {
      return text == null
          ? null
          : text.startsWith("P")
              ? clock.instant().minus(Duration.parse(text))
              : Instant.parse(text);
    } catch (DateTimeException | ArithmeticException e) {
      throw wrong(name, "is no time; write 2026-11-01T00:00:00Z or PT1H");
    }
  }

  /** The only value of the parameter; null where it is not given. */
  private @Nullable String one(String name) {
    List<String> given = all(name).toList();
    if (given.size() > 1) {
      throw wrong(name, "is there twice");
    }
    return given.isEmpty() ? null : given.get(0);
  }

  private Stream<String> listed(String name) {
    return all(name).flatMap(text -> Arrays.stream(text.split(","))).map(String::strip);
  }

  private Stream<String> all(String name) {
    return parameters.getAll(name).stream().filter(text -> !text.isBlank());
  }

  private static IllegalArgumentException wrong(String name, String why) {
    return new IllegalArgumentException(RequestText.printable(name) + ": " + why);
  }
}
