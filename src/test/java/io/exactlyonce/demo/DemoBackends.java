package io.exactlyonce.demo;

import io.exactlyonce.local.LocalKafka;
import io.exactlyonce.local.LocalRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Broker and Redis of the demo, which are started in parallel with the application. */
record DemoBackends(LocalKafka kafka, LocalRedis redis) implements AutoCloseable {
  /**
   * Launches them without waiting for the broker: the application is started meanwhile, and waits
   * for Kafka itself.
   */
  static DemoBackends launch(Path dir) throws IOException {
    Files.createDirectories(dir);
    LocalRedis redis = LocalRedis.start(dir.resolve("redis"), Map.of());
    try {
      return new DemoBackends(
          LocalKafka.launch(dir.resolve("kafka"), LocalKafka.FAST_START), redis);
    } catch (RuntimeException e) {
      redis.close();
      throw e;
    }
  }

  @Override
  public void close() {
    redis.close();
    kafka.close();
  }
}
