package io.exactlyonce.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What {@code -D} says.
 *
 * @param records preloaded per source; fewer for larger values
 * @param limit of one run: who is not done is measured by what it did
 * @param backlog preloaded for runs that are measured warm: it has to outlast them
 * @param pace of those runs
 * @param warmUp of a latency run, in which nothing is counted: a JVM that has just started, the
 *     broker's too, commits far less often than half a minute later
 * @param only names of contestants; empty is all
 * @param sizes of values, in bytes
 * @param workloads of {@code steady}, {@code guarded}, {@code throughput}, {@code latency}, {@code
 *     slow} and {@code sweep}; empty is all but the sweep
 * @param atLeast by contestant, the ratio to the plain loop, or to the one behind a slash, below
 *     which the bench fails; by default none
 * @param ours terms of this project's pipeline, by setting; what makes a contestant comes above it
 * @param jvm further options of the contestants' JVMs
 */
record BenchOptions(
    long records,
    int rounds,
    Duration limit,
    long backlog,
    SteadyRace.Pace pace,
    Duration warmUp,
    Duration latency,
    boolean everyone,
    Set<String> only,
    List<Integer> sizes,
    Set<String> workloads,
    Map<String, Double> atLeast,
    Map<String, String> ours,
    List<String> jvm) {

  static BenchOptions of(Properties properties) {
    boolean brief = "true".equals(properties.getProperty("short"));
    return new BenchOptions(
        number(properties, "records", brief ? 300_000 : 2_000_000),
        (int) number(properties, "rounds", brief ? 1 : 3),
        Duration.ofSeconds(number(properties, "limit", brief ? 10 : 20)),
        number(properties, "backlog", brief ? 3_000_000 : 20_000_000),
        new SteadyRace.Pace(
            Duration.ofSeconds(brief ? 1 : 5),
            Duration.ofSeconds(number(properties, "steady-within", brief ? 6 : 60)),
            Duration.ofSeconds(number(properties, "seconds", brief ? 8 : 30))),
        Duration.ofSeconds(number(properties, "warm-up", brief ? 3 : 30)),
        Duration.ofSeconds(number(properties, "seconds", brief ? 8 : 30)),
        !brief,
        names(properties, "only", ""),
        names(properties, "sizes", brief ? "256" : "256,1024").stream()
            .map(Integer::valueOf)
            .sorted()
            .toList(),
        names(properties, "workloads", ""),
        pairs(properties, "at-least", "", Double::valueOf),
        pairs(properties, "ours", "pipeline.", value -> value),
        List.copyOf(names(properties, "jvm", "", "\\s+")));
  }

  /** So many as make about as many bytes, within reason. */
  long recordsOf(int valueBytes) {
    return records * 256 / Math.max(256, valueBytes / 2);
  }

  /** In the short mode the ends alone. */
  List<Integer> pick(List<Integer> values) {
    return everyone ? values : List.of(values.get(0), values.get(values.size() - 1));
  }

  boolean runs(Contestant contestant) {
    return only.isEmpty() || only.contains(contestant.name());
  }

  /** The sweep only where it is asked for. */
  boolean runs(String workload) {
    return workloads.isEmpty() ? !workload.equals("sweep") : workloads.contains(workload);
  }

  private static long number(Properties properties, String key, long otherwise) {
    return Long.parseLong(properties.getProperty(key, Long.toString(otherwise)));
  }

  /** Of the form a:b,c:d. */
  private static <T> Map<String, T> pairs(
      Properties properties, String key, String prefix, Function<String, T> value) {
    return names(properties, key, "").stream()
        .map(pair -> pair.split(":", 2))
        .collect(Collectors.toMap(pair -> prefix + pair[0], pair -> value.apply(pair[1])));
  }

  private static Set<String> names(Properties properties, String key, String otherwise) {
    return names(properties, key, otherwise, "\\s*,\\s*");
  }

  private static Set<String> names(
      Properties properties, String key, String otherwise, String separator) {
    String given = properties.getProperty(key, otherwise).trim();
    return given.isEmpty() ? Set.of() : Set.of(given.split(separator));
  }
}
