package io.exactlyonce.bench;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** One workload's warm runs as a table: first seconds and steady state, medians over the rounds. */
record SteadyTable(String workload, List<SteadyResult> results) {

  String text() {
    List<Result> counted = results.stream().map(SteadyResult::counted).toList();
    StringBuilder text =
        new StringBuilder(
            Report.format(
                "%n| %s | first s, records/s | steady, records/s | to %s | to the plain loop | worker"
                    + " CPU s per million | broker | Redis | peak MB | warm-up s | duplicates through"
                    + " | missing, twice, disordered |%n| --- | ---: | ---: | ---: | ---: | ---: |"
                    + " ---: | ---: | ---: | ---: | ---: | ---: |%n",
                workload, Summary.streamsAmong(counted)));
    Summary.of(counted).forEach(summary -> text.append(row(summary)));
    return text.toString();
  }

  private String row(Summary s) {
    List<SteadyResult> own =
        results.stream().filter(r -> r.counted().contestant().equals(s.contestant())).toList();
    boolean isSteady = own.stream().allMatch(r -> r.phases().isSteady());
    return Report.format(
        "| %s | %,.0f | %,.0f | %s | %s | %.1f | %.1f | %.1f | %.0f | %.0f%s | %,d | %s |%n",
        s.contestant() + (own.get(0).isKilled() ? ", killed once" : ""),
        median(own, r -> r.phases().firstPerSecond()),
        s.perSecond(),
        shown(s.toStreams()),
        shown(s.toPlain()),
        s.workerCpu(),
        s.brokerCpu(),
        s.redisCpu(),
        s.peakMegabytes(),
        median(own, r -> r.phases().warmUp()),
        isSteady ? "" : ", not steady",
        own.stream().mapToLong(r -> r.counted().verdict().through()).sum(),
        s.faults());
  }

  private static String shown(OptionalDouble ratio) {
    return ratio.isEmpty() ? "-" : Report.format("%.2f", ratio.getAsDouble());
  }

  private static double median(List<SteadyResult> own, ToDoubleFunction<SteadyResult> value) {
    return Summary.middle(own.stream().mapToDouble(value).sorted().toArray());
  }
}
