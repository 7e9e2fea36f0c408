package io.exactlyonce.engine.status;

/**
 * What a worker holds.
 *
 * @param records read and not yet sent
 * @param bytes of their keys and values
 * @param paused partitions that are not read at the moment
 */
public record InFlight(int records, long bytes, int paused) {
  public static final InFlight NONE = new InFlight(0, 0, 0);
}
