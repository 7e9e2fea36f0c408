package io.exactlyonce.local;

/** The Kafka and the Redis that specs, demo and benchmark run on, wherever they come from. */
public interface Backends extends AutoCloseable {

  String bootstrapServers();

  String redisUri();

  /** What they are, for a line of output. */
  String description();

  @Override
  void close();

  /**
   * Starts what {@code -Dbackends} names: {@code containers}, {@code embedded}, or {@code auto},
   * the default, which takes containers where a Docker engine answers. Says in one line which, and
   * why.
   */
  static Backends start() {
    return BackendsChoice.of(System.getProperty("backends", "auto")).start();
  }
}
