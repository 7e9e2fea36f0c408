package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.status.Durations;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * The timestamps of a transaction's records, kept until it has committed. Consecutive records with
 * the same timestamp share an entry, so a backlog with thousands in a millisecond takes little.
 */
final class RecordTimes {
  private static final int FIRST = 16;

  private long[] millis = new long[FIRST];
  private int[] counts = new int[FIRST];
  private int entries;

  /**
   * @param timestamp in milliseconds since 1970; a negative one is not kept
   */
  void add(long timestamp) {
    if (timestamp < 0) {
      return;
    }
    if (entries > 0 && millis[entries - 1] == timestamp) {
      counts[entries - 1]++;
      return;
    }
    if (entries == millis.length) {
      millis = Arrays.copyOf(millis, 2 * entries);
      counts = Arrays.copyOf(counts, 2 * entries);
    }
    millis[entries] = timestamp;
    counts[entries++] = 1;
  }

  /**
   * Records the age of each timestamp, except of those in the future.
   *
   * @param now in milliseconds since 1970
   */
  void recordTo(Durations durations, long now) {
    for (int i = 0; i < entries; i++) {
      if (millis[i] <= now) {
        durations.record(TimeUnit.MILLISECONDS.toNanos(now - millis[i]), counts[i]);
      }
    }
  }
}
