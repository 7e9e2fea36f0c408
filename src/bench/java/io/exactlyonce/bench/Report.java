package io.exactlyonce.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All results: as a table, as JSON and as a picture. */
final class Report {
  private final List<Result> results = new ArrayList<>();
  private final List<LatencyResult> latencies = new ArrayList<>();
  private final List<SweepPoint> sweep = new ArrayList<>();

  void add(Result result) {
    results.add(result);
  }

  void add(LatencyResult result) {
    latencies.add(result);
  }

  void add(SweepPoint point) {
    sweep.add(point);
  }

  /** Of ours. What a peer loses or repeats is in its row. */
  boolean isGood() {
    return results.stream()
            .filter(r -> Contestant.isOurs(r.contestant()))
            .allMatch(r -> r.verdict().isGood())
        && latencies.stream()
            .filter(r -> Contestant.isOurs(r.contestant()))
            .allMatch(r -> r.missing() == 0)
        && sweep.stream().allMatch(p -> p.result().verdict().isGood());
  }

  /**
   * Who is slower than asked for, a line each. Who did not run beside the plain loop is named too:
   * a name that is misspelt would ask for nothing.
   */
  List<String> below(Map<String, Double> atLeast) {
    List<Summary> all = summaries().values().stream().flatMap(List::stream).toList();
    List<String> lines = new ArrayList<>();
    atLeast.forEach(
        (contestant, floor) -> {
          double ratio =
              all.stream()
                  .filter(s -> s.contestant().equals(contestant))
                  .mapToDouble(s -> s.toPlain().orElse(0))
                  .min()
                  .orElse(0);
          if (ratio < floor) {
            lines.add(format("%s: %.2f of the plain loop, not %.2f", contestant, ratio, floor));
          }
        });
    return lines;
  }

  static String line(Result r) {
    return format(
        "  %-13s round %d  %-28s %,12.0f/s  %s",
        r.workload(), r.round(), r.contestant(), r.perSecond(), verdict(r.verdict()));
  }

  static String line(LatencyResult r) {
    return format(
        "  %,6d/s      round %d  %-28s p50 %.0f  p99 %.0f  p99.9 %.0f  max %.0f ms%s",
        r.perSecond(),
        r.round(),
        r.contestant(),
        r.p50(),
        r.p99(),
        r.p999(),
        r.most(),
        r.missing() == 0 ? "" : "  MISSING " + r.missing());
  }

  private static String verdict(Verdict v) {
    return v.isGood()
        ? ""
        : format("MISSING %d  TWICE %d  OUT OF ORDER %d", v.missing(), v.twice(), v.disordered());
  }

  /** Medians over the rounds, as the manual has them. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, List<Summary>> workload : summaries().entrySet()) {
      text.append(
          format(
              "%n| %s | records/s | to Kafka Streams | to the plain loop | worker CPU s per million"
                  + " | broker | Redis | peak MB | missing, twice, disordered |%n| --- | ---: | ---:"
                  + " | ---: | ---: | ---: | ---: | ---: | ---: |%n",
              workload.getKey()));
      workload.getValue().forEach(s -> text.append(s.row()));
    }
    if (!latencies.isEmpty()) {
      text.append(
          format(
              "%n| due to visible, ms | records/s | p50 | p99 | p99.9 | most |%n| --- | ---: | ---: |"
                  + " ---: | ---: | ---: |%n"));
      Latencies.best(latencies).forEach(r -> text.append(Latencies.row(r)));
    }
    if (!sweep.isEmpty()) {
      text.append(SweepPoint.head());
      sweep.forEach(point -> text.append(point.row()));
    }
    return text.toString();
  }

  private Map<String, List<Summary>> summaries() {
    Map<String, List<Summary>> all = new LinkedHashMap<>();
    results.stream()
        .map(Result::workload)
        .distinct()
        .forEach(
            workload ->
                all.put(
                    workload,
                    Summary.of(
                        results.stream().filter(r -> r.workload().equals(workload)).toList())));
    return all;
  }

  void write(Path dir) throws IOException {
    Files.writeString(dir.resolve("bench.json"), Json.of(results, latencies, sweep));
    if (!results.isEmpty()) {
      Files.writeString(dir.resolve("bench.svg"), Picture.of(summaries()));
    }
    if (!sweep.isEmpty()) {
      Files.writeString(dir.resolve("sweep.svg"), SweepPicture.of(sweep));
    }
  }

  static String format(String pattern, Object... args) {
    return String.format(Locale.ROOT, pattern, args);
  }
}
