package io.exactlyonce.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All results: as a table, as JSON and as a picture. */
final class Report {
  private final List<Result> results = new ArrayList<>();
  private final List<LatencyResult> latencies = new ArrayList<>();
  private final List<SweepPoint> sweep = new ArrayList<>();
  private final List<SteadyResult> steady = new ArrayList<>();
  private final Caption caption;

  Report(Caption caption) {
    this.caption = caption;
  }

  void add(Result result) {
    results.add(result);
  }

  void add(LatencyResult result) {
    latencies.add(result);
  }

  void add(SteadyResult result) {
    steady.add(result);
  }

  void add(SweepPoint point) {
    sweep.add(point);
  }

  /** Of ours. What a peer loses or repeats is in its row. */
  boolean isGood() {
    return Stream.concat(results.stream(), steady.stream().map(SteadyResult::counted))
            .filter(r -> Contestant.isOurs(r.contestant()))
            .allMatch(r -> r.verdict().isGood())
        && latencies.stream()
            .filter(r -> Contestant.isOurs(r.contestant()))
            .allMatch(r -> r.missing() == 0)
        && sweep.stream().allMatch(p -> p.result().verdict().isGood());
  }

  /**
   * Who is slower than asked for, a line each: than the plain loop, or than the one behind a slash.
   * Who did not run beside it is named too: a name that is misspelt would ask for nothing.
   */
  List<String> below(Map<String, Double> atLeast) {
    List<String> lines = new ArrayList<>();
    atLeast.forEach(
        (asked, floor) -> {
          String[] names = asked.split("/", 2);
          String base = names.length > 1 ? names[1] : Contestant.PLAIN.name();
          double ratio =
              byWorkload().values().stream()
                  .flatMapToDouble(all -> Summary.ratio(all, names[0], base).stream())
                  .min()
                  .orElse(0);
          if (ratio < floor) {
            lines.add(format("%s: %.2f of %s, not %.2f", names[0], ratio, base, floor));
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
        : format(
            "MISSING %d  TWICE %d  DUPLICATES THROUGH %d  OUT OF ORDER %d",
            v.missing(), v.twice(), v.through(), v.disordered());
  }

  /** Medians over the rounds, each table below its caption, as the manual has them. */
  String text() {
    StringBuilder text = new StringBuilder();
    workloads(steady.stream().map(SteadyResult::counted)).forEach(w -> text.append(steadyTable(w)));
    workloads(results.stream()).forEach(w -> text.append(table(w)));
    if (!latencies.isEmpty()) {
      text.append(caption.of("latency"))
          .append(
              format(
                  "%n| due to visible, ms | records/s | p50 | p99 | p99.9 | most |%n| --- | ---: |"
                      + " ---: | ---: | ---: | ---: |%n"));
      Latencies.best(latencies).forEach(r -> text.append(Latencies.row(r)));
    }
    if (!sweep.isEmpty()) {
      text.append(caption.of("sweep")).append(SweepPoint.head());
      sweep.forEach(point -> text.append(point.row()));
    }
    return text.toString();
  }

  private String steadyTable(String workload) {
    List<SteadyResult> own =
        steady.stream().filter(r -> r.counted().workload().equals(workload)).toList();
    return caption.of(own.get(0).kind()) + new SteadyTable(workload, own).text();
  }

  private String table(String workload) {
    String head =
        format(
            "%n| %s | records/s | to Kafka Streams | to the plain loop | worker CPU s per million"
                + " | broker | Redis | peak MB | missing, twice, disordered |%n| --- | ---: | ---:"
                + " | ---: | ---: | ---: | ---: | ---: | ---: |%n",
            workload);
    StringBuilder text = new StringBuilder(caption.of(kind(workload))).append(head);
    Summary.of(byWorkload().get(workload)).forEach(s -> text.append(s.row()));
    return text.toString();
  }

  /** As {@code -Dworkloads} names it. */
  private static String kind(String workload) {
    return workload.startsWith(Bench.SLOW) ? "slow" : "throughput";
  }

  private static List<String> workloads(Stream<Result> results) {
    return results.map(Result::workload).distinct().toList();
  }

  private Map<String, List<Result>> byWorkload() {
    return Stream.concat(results.stream(), steady.stream().map(SteadyResult::counted))
        .collect(Collectors.groupingBy(Result::workload, LinkedHashMap::new, Collectors.toList()));
  }

  private Map<String, List<Summary>> summaries() {
    Map<String, List<Summary>> all = new LinkedHashMap<>();
    byWorkload().forEach((workload, own) -> all.put(workload, Summary.of(own)));
    return all;
  }

  void write(Path dir) throws IOException {
    Files.writeString(dir.resolve("bench.json"), Json.of(results, steady, latencies, sweep));
    if (!results.isEmpty() || !steady.isEmpty()) {
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
