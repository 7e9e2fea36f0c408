package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What earlier checks found of a partition, and what follows from it for the latest. A pure
 * function of the samples it was given: time is a part of them. For one thread.
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
   * Where the committed offset was before it went back; {@link PartitionSample#NONE}: it did not.
   */
  private long rewoundFrom = PartitionSample.NONE;

  /**
   * @param interval from one check to the next
   */
  PartitionHistory(TopicPartition partition, Duration interval) {
    this.partition = partition;
    this.windowMillis = Math.max(WINDOW.toMillis(), interval.toMillis() * MIN_CHECKS);
    // A check does not come to the millisecond.
    this.stallMillis = interval.toMillis() * STALL_CHECKS * 9 / 10;
  }

  /** Whether nothing tells how old its oldest record is, so that it has to be read. */
  boolean needsRecordTime(PartitionSample sample) {
    boolean continues = continues(sample);
    return sample.records() > 0
        && !sample.isOldestUsable()
        && !(continues && times.isSampled(sample.from()));
  }

  /** Takes in what the latest check found. */
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

  /** A topic that was made anew begins anew, and so it does when the clock was set back. */
  private boolean continues(PartitionSample sample) {
    PartitionSample last = samples.peekLast();
    return last != null
        && last.topicId().equals(sample.topicId())
        && last.millis() < sample.millis();
  }

  private void noteRewind(@Nullable PartitionSample previous, PartitionSample sample) {
    if (previous != null && sample.from() < previous.from()) {
      rewoundFrom = Math.max(rewoundFrom, previous.from());
      samples.clear(); // the jump is no growth
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

  /** The offset is where it was so long ago, and there was something to read then already. */
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
