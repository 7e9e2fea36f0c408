package io.exactlyonce.bench;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The latency rows of the report: of several rounds the one in the middle by its p99. */
final class Latencies {
  private Latencies() {}

  static List<LatencyResult> best(List<LatencyResult> all) {
    Map<String, List<LatencyResult>> runs =
        all.stream()
            .collect(
                Collectors.groupingBy(
                    r -> r.perSecond() + " " + r.contestant(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return runs.values().stream()
        .map(
            rounds ->
                rounds.stream()
                    .sorted(Comparator.comparingDouble(LatencyResult::p99))
                    .toList()
                    .get(rounds.size() / 2))
        .toList();
  }

  static String row(LatencyResult r) {
    return Report.format(
        "| %s | %,d | %.0f | %.0f | %.0f | %.0f |%n",
        r.contestant(), r.perSecond(), r.p50(), r.p99(), r.p999(), r.most());
  }
}
