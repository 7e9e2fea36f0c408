package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Samples of a partition from earlier checks, from which its lag at the latest one follows. It
 * takes the time from the samples alone. For one thread.
 */
final class PartitionHistory {
  private static final Duration WINDOW = Duration.ofMinutes(5);
  private static final int MIN_CHECKS = 5;
  private static final int MAX_SAMPLES = 60;
  private static final int STALL_CHECKS = 2;

  private final TopicPartition partition;
  private final long windowMillis;
  private final long stallMillis;
  private final Deque<PartitionSample> samples = new ArrayDeque<>();
  private OffsetTimes times = new OffsetTimes();

  /**
   * The offset before the committed one went back, until that is reached again; else {@link
   * PartitionSample#NONE}.
   */
  private long rewoundFrom = PartitionSample.NONE;

  /**
   * @param interval from one check to the next
   */
  PartitionHistory(TopicPartition partition, Duration interval) {
    this.partition = partition;
    this.windowMillis = Math.max(WINDOW.toMillis(), interval.toMillis() * MIN_CHECKS);
    // Less than two intervals, which are not exact to the millisecond.
    this.stallMillis = interval.toMillis() * STALL_CHECKS * 9 / 10;
  }

  /**
   * Whether the oldest record has to be read: it waits, and neither a usable timestamp nor earlier
   * checks show its age.
   */
  boolean needsRecordTime(PartitionSample sample) {
    boolean continues = continues(sample);
    return sample.records() > 0
        && !sample.isOldestUsable()
        && !(continues && times.isSampled(sample.from()));
  }

  /** Adds the sample of the latest check; returns the lag. */
  PartitionLag add(PartitionSample sample) {
    if (!continues(sample)) {
      samples.clear();
      times = new OffsetTimes();
      rewoundFrom = PartitionSample.NONE;
    }
    PartitionSample previous = samples.peekLast();
    noteRewind(previous, sample);
    times.add(sample.end(), sample.millis());
    if (sample.isOldestUsable() && !times.isSampled(sample.from())) {
      times.anchor(requireNonNull(sample.oldest()));
    }
    samples.addLast(sample);
    while (samples.peekFirst().millis() < sample.millis() - windowMillis
        || samples.size() > MAX_SAMPLES) {
      samples.removeFirst();
    }
    Trend trend =
        Trend.of(samples.stream().map(s -> new Trend.Point(s.millis(), s.records())).toList());
    return new PartitionLag(
        partition,
        state(previous, sample, trend),
        sample.owner(),
        sample.records(),
        seconds(sample),
        trend,
        sample.heldBack(),
        sample.open(),
        sample.lost(),
        sample.committed());
  }

  /**
   * Whether the sample continues the history. After a topic was recreated, or the clock was set
   * back, it begins another.
   */
  private boolean continues(PartitionSample sample) {
    PartitionSample last = samples.peekLast();
    return last != null
        && last.topicId().equals(sample.topicId())
        && last.millis() < sample.millis();
  }

  private void noteRewind(@Nullable PartitionSample previous, PartitionSample sample) {
    if (previous != null && sample.from() < previous.from()) {
      rewoundFrom = Math.max(rewoundFrom, previous.from());
      samples.clear(); // the trend must not take the jump for growth
    } else if (sample.from() >= rewoundFrom) {
      rewoundFrom = PartitionSample.NONE;
    }
  }

  private LagState state(@Nullable PartitionSample previous, PartitionSample sample, Trend trend) {
    if (sample.owner() != null && sample.owner().isEmpty()) {
      return LagState.STOPPED;
    }
    if (rewoundFrom != PartitionSample.NONE) {
      return LagState.REWOUND;
    }
    if (sample.records() == 0 || previous == null || sample.from() >= previous.stable()) {
      return LagState.OK;
    }
    if (hasStalled(sample)) {
      return LagState.STALLED;
    }
    return trend.perSecond() < 0 ? LagState.CATCHING_UP : LagState.GROWING;
  }

  /** Whether the offset has not moved for two intervals, and records were waiting then already. */
  private boolean hasStalled(PartitionSample sample) {
    return samples.stream()
        .filter(before -> before.millis() <= sample.millis() - stallMillis)
        .anyMatch(before -> before.from() == sample.from() && before.records() > 0);
  }

  private LagSeconds seconds(PartitionSample sample) {
    long now = sample.millis();
    if (sample.records() == 0) {
      return LagSeconds.NONE;
    }
    if (sample.isOldestUsable()) {
      return LagSeconds.between(
          requireNonNull(sample.oldest()).timestamp(), now, LagSeconds.Kind.EXACT);
    }
    OptionalLong appended = times.timeOf(sample.from());
    return appended.isPresent()
        ? LagSeconds.between(appended.getAsLong(), now, LagSeconds.Kind.INTERPOLATED)
        : LagSeconds.between(times.first(), now, LagSeconds.Kind.AT_LEAST);
  }
}
