package io.exactlyonce.engine.status;

/**
 * How much a worker holds in memory.
 *
 * @param records read and not yet sent
 * @param bytes of those records and of their handlers' outputs
 * @param paused partitions that are not read at the moment
 */
public record InFlight(int records, long bytes, int paused) {
  public static final InFlight NONE = new InFlight(0, 0, 0);
}
