package io.exactlyonce.bench;

import java.util.stream.LongStream;

/**
 * Content of a source topic that is filled before it is read.
 *
 * @param records how many it holds, duplicates among them
 * @param duplicates of a hundred records, so many carry the event id of an earlier one
 */
record Load(String topic, int partitions, long records, int valueBytes, int duplicates) {
  static final int PARTITIONS = 12;

  /** Distance of a duplicate from the event that it repeats, in events, at most. */
  private static final int REACH = 1000;

  static Load of(String topic, long records, int valueBytes) {
    return new Load(topic, PARTITIONS, records, valueBytes, 0);
  }

  /** Number of events, without duplicates. */
  long events() {
    return before(records);
  }

  /** The number of the event whose record is at the place. */
  long number(long place) {
    long events = before(place);
    return isDuplicate(place) ? events - 1 - place * 31 % Math.min(events, REACH) : events;
  }

  /**
   * Whether the record at the place is a duplicate. The first of a hundred never is, so that there
   * always is an event to repeat.
   */
  boolean isDuplicate(long place) {
    return place % 100 >= 100 - duplicates;
  }

  /**
   * Whether the record is a duplicate in another partition than its event, as after a retry through
   * another producer or a change of the number of partitions. Every other duplicate is.
   */
  boolean isElsewhere(long place) {
    return isDuplicate(place) && place % 2 == 1;
  }

  /** The places of an event's records. */
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
