package io.exactlyonce.bench;

import java.util.stream.LongStream;

/**
 * A source that is filled before anybody reads it.
 *
 * @param records how many it holds, duplicates among them
 * @param duplicates of a hundred records, so many carry the event id of an earlier one
 */
record Load(String topic, int partitions, long records, int valueBytes, int duplicates) {
  static final int PARTITIONS = 12;

  /** How far back the event is that a duplicate repeats, at most. */
  private static final int REACH = 1000;

  static Load of(String topic, long records, int valueBytes) {
    return new Load(topic, PARTITIONS, records, valueBytes, 0);
  }

  /** Events, each counted once. */
  long events() {
    return before(records);
  }

  /** The number of the event at that place. */
  long number(long place) {
    long events = before(place);
    return isDuplicate(place) ? events - 1 - place * 31 % Math.min(events, REACH) : events;
  }

  /** The first of a hundred is never one, so there always is something to repeat. */
  boolean isDuplicate(long place) {
    return place % 100 >= 100 - duplicates;
  }

  /**
   * Every other duplicate is in another partition than its event, as after a retry through another
   * producer or a change of the number of partitions.
   */
  boolean isElsewhere(long place) {
    return isDuplicate(place) && place % 2 == 1;
  }

  /** Where the records of an event are. */
  LongStream places(long number) {
    long fresh = 100 - duplicates;
    long first = number / fresh * 100 + number % fresh;
    long end = Math.min(records, first + (REACH / fresh + 2) * 100);
    return LongStream.range(first, end).filter(place -> number(place) == number);
  }

  private long before(long place) {
    return place / 100 * (100 - duplicates) + Math.min(place % 100, 100 - duplicates);
  }
}
