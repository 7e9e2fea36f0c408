package io.exactlyonce.local;

/** Kafka and Redis for specs, demo and benchmark, of whatever kind. */
public interface Backends extends AutoCloseable {

  String bootstrapServers();

  String redisUri();

  /** Kind and addresses, for a line of output. */
  String description();

  @Override
  void close();

  /**
   * Starts the kind that {@code -Dbackends} names: {@code containers}, {@code embedded}, or {@code
   * auto}, the default, which takes containers where a Docker engine answers. Prints one line with
   * the kind and the reason.
   */
  static Backends start() {
    return BackendsChoice.of(System.getProperty("backends", "auto")).start();
  }
}
