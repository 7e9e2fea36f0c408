package io.exactlyonce.bench;

/**
 * A source that is filled before anybody reads it.
 *
 * @param records how many stand in it, duplicates among them
 * @param duplicates of a hundred records, so many carry the event id of an earlier one
 */
record Load(String topic, int partitions, long records, int valueBytes, int duplicates) {
  /** How far back the event stands that a duplicate repeats, at most. */
  private static final int REACH = 1000;

  static Load of(String topic, long records, int valueBytes) {
    return new Load(topic, Stage.PARTITIONS, records, valueBytes, 0);
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
  private boolean isDuplicate(long place) {
    return place % 100 >= 100 - duplicates;
  }

  private long before(long place) {
    return place / 100 * (100 - duplicates) + Math.min(place % 100, 100 - duplicates);
  }
}
