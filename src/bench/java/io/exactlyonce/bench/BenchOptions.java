package io.exactlyonce.bench;

import java.time.Duration;
import java.util.Properties;
import java.util.Set;

/**
 * What {@code -D} says.
 *
 * @param records preloaded per source; halved for records of 1 KiB
 * @param limit of one run: who is not done is measured by what it did
 * @param only names of contestants; empty is all
 * @param workloads of {@code throughput}, {@code latency}, {@code slow}; empty is all
 */
record BenchOptions(
    long records,
    int rounds,
    Duration limit,
    Duration latency,
    boolean everyone,
    Set<String> only,
    Set<String> workloads) {

  static BenchOptions of(Properties properties) {
    boolean brief = "true".equals(properties.getProperty("short"));
    return new BenchOptions(
        number(properties, "records", brief ? 300_000 : 2_000_000),
        (int) number(properties, "rounds", brief ? 1 : 3),
        Duration.ofSeconds(number(properties, "limit", brief ? 10 : 20)),
        Duration.ofSeconds(number(properties, "seconds", brief ? 8 : 30)),
        !brief,
        names(properties, "only"),
        names(properties, "workloads"));
  }

  boolean runs(Contestant contestant) {
    return only.isEmpty() || only.contains(contestant.name());
  }

  boolean runs(String workload) {
    return workloads.isEmpty() || workloads.contains(workload);
  }

  private static long number(Properties properties, String key, long otherwise) {
    return Long.parseLong(properties.getProperty(key, Long.toString(otherwise)));
  }

  private static Set<String> names(Properties properties, String key) {
    String given = properties.getProperty(key, "").trim();
    return given.isEmpty() ? Set.of() : Set.of(given.split("\\s*,\\s*"));
  }
}
