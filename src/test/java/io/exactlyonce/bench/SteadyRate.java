package io.exactlyonce.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides a run by its rate: into a warm-up, until two slices in a row differ by less than {@link
 * #TOLERANCE}, and the part that counts. A JVM that has just started compiles for tens of seconds,
 * and how long differs between contestants.
 */
final class SteadyRate {
  /** Largest difference of two slices of a steady run, as a share of the faster one. */
  static final double TOLERANCE = 0.05;

  private final double slice;
  private final double most;
  private final double counted;
  private final List<Sample> samples = new ArrayList<>();
  private final List<Sample> slices = new ArrayList<>();
  private Sample from;
  private boolean isSteady;

  /**
   * @param most longest time before the counted part begins, steady or not
   * @param counted length of the counted part
   */
  SteadyRate(Duration slice, Duration most, Duration counted) {
    this.slice = seconds(slice);
    this.most = seconds(most);
    this.counted = seconds(counted);
  }

  /**
   * Adds a sample. They come in the order of their time, several a slice; the first one begins the
   * run.
   */
  void add(Sample sample) {
    samples.add(sample);
    if (sliceSoFar().seconds() >= slice) {
      slices.add(sample);
    }
    if (from == null && (isSteadyNow() || sinceBegin(sample).seconds() >= most)) {
      isSteady = isSteadyNow();
      from = sample;
    }
  }

  /** Whether the counted part has been seen in full. */
  boolean isOver() {
    return from != null && last().since(from).seconds() >= counted;
  }

  /**
   * The parts of the run. Where the source ended early, the counted part is what there is of it, or
   * the second half of the run where it had not begun.
   */
  Phases phases() {
    Sample begin = from != null && from != last() ? from : samples.get(samples.size() / 2);
    Sample first = sinceBegin(slices.isEmpty() ? last() : slices.get(0));
    boolean wasSteady = isSteady && begin == from;
    return new Phases(
        first.perSecond(), wasSteady, sinceBegin(begin).seconds(), last().since(begin));
  }

  private boolean isSteadyNow() {
    int size = slices.size();
    if (size < 2 || slices.get(size - 1) != last()) {
      return false;
    }
    double now = rate(size - 1);
    double before = rate(size - 2);
    return Math.abs(now - before) < TOLERANCE * Math.max(now, before);
  }

  private double rate(int index) {
    Sample begin = index == 0 ? samples.get(0) : slices.get(index - 1);
    return slices.get(index).since(begin).perSecond();
  }

  private Sample sliceSoFar() {
    Sample begin = slices.isEmpty() ? samples.get(0) : slices.get(slices.size() - 1);
    return last().since(begin);
  }

  private Sample sinceBegin(Sample sample) {
    return sample.since(samples.get(0));
  }

  private Sample last() {
    return samples.get(samples.size() - 1);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  /**
   * The parts of a run.
   *
   * @param firstPerSecond records a second in the first slice
   * @param isSteady whether the counted part began because the rate was steady
   * @param warmUp seconds before the counted part
   * @param counted how long the counted part was, and what was done and used in it
   */
  record Phases(double firstPerSecond, boolean isSteady, double warmUp, Sample counted) {}
}
