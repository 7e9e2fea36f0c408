package io.exactlyonce.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Medians of one contestant in one workload. Ratios are taken within each round, between runs that
 * stood next to each other, and the median of those is shown.
 */
record Summary(
    String contestant,
    double perSecond,
    OptionalDouble toStreams,
    OptionalDouble toPlain,
    double workerCpu,
    double brokerCpu,
    double redisCpu,
    double peakMegabytes,
    String faults) {

  /** Of one workload's results. */
  static List<Summary> of(List<Result> results) {
    Set<String> names =
        results.stream()
            .map(Result::contestant)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    List<Summary> all = new ArrayList<>();
    for (String name : names) {
      List<Result> own = results.stream().filter(r -> r.contestant().equals(name)).toList();
      all.add(
          new Summary(
              name,
              median(own, Result::perSecond),
              ratio(results, name, streamsAmong(results)),
              ratio(results, name, Contestant.PLAIN.name()),
              median(own, r -> r.perMillion(r.workerCpu())),
              median(own, r -> r.perMillion(r.brokerCpu())),
              median(own, r -> r.perMillion(r.redisCpu())),
              median(own, Result::peakMegabytes),
              faults(own)));
    }
    return all;
  }

  /** Of all rounds together. */
  private static String faults(List<Result> own) {
    return sum(own, Verdict::missing)
        + ", "
        + sum(own, Verdict::twice)
        + ", "
        + sum(own, Verdict::disordered);
  }

  private static long sum(List<Result> own, ToLongFunction<Verdict> count) {
    return own.stream().map(Result::verdict).mapToLong(count).sum();
  }

  /** Kafka Streams, or where it takes no part Kafka Streams with the plainest guard. */
  static String streamsAmong(List<Result> results) {
    String unguarded = Contestant.STREAMS.name();
    return results.stream().anyMatch(r -> r.contestant().equals(unguarded))
        ? unguarded
        : Contestant.STREAMS_KV.name();
  }

  /** Within one workload; empty where the two did not run in one round. */
  static OptionalDouble ratio(List<Result> all, String name, String base) {
    double[] ratios =
        all.stream()
            .filter(r -> r.contestant().equals(name))
            .flatMap(r -> of(all, base, r.round()).map(b -> r.perSecond() / b.perSecond()).stream())
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    return ratios.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(middle(ratios));
  }

  private static Optional<Result> of(List<Result> all, String base, int round) {
    return all.stream().filter(r -> r.contestant().equals(base) && r.round() == round).findFirst();
  }

  private static double median(List<Result> results, ToDoubleFunction<Result> value) {
    return middle(results.stream().mapToDouble(value).sorted().toArray());
  }

  static double middle(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  String row() {
    return Report.format(
        "| %s | %,.0f | %s | %s | %.1f | %.1f | %.1f | %.0f | %s |%n",
        contestant,
        perSecond,
        shown(toStreams),
        shown(toPlain),
        workerCpu,
        brokerCpu,
        redisCpu,
        peakMegabytes,
        faults);
  }

  private static String shown(OptionalDouble ratio) {
    return ratio.isEmpty() ? "-" : Report.format("%.4g", ratio.getAsDouble());
  }
}
