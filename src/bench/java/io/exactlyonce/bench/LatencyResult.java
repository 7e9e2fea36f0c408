package io.exactlyonce.bench;

import java.util.Arrays;

/**
 * Milliseconds from due to visible.
 *
 * @param missing outputs that never came
 */
record LatencyResult(
    String contestant,
    int perSecond,
    int round,
    double p50,
    double p99,
    double p999,
    double most,
    long missing) {

  /**
   * @param sorted ascending; what is missing is NaN, and so at the end
   */
  static LatencyResult of(String contestant, int perSecond, int round, double[] sorted) {
    long missing = Arrays.stream(sorted).filter(Double::isNaN).count();
    return new LatencyResult(
        contestant,
        perSecond,
        round,
        at(sorted, 0.5),
        at(sorted, 0.99),
        at(sorted, 0.999),
        sorted[sorted.length - 1],
        missing);
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  }
}
