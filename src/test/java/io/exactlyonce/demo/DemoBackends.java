package io.exactlyonce.demo;

import io.exactlyonce.local.LocalKafka;
import io.exactlyonce.local.LocalRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A broker and a Redis of the demo's own, started side by side. */
record DemoBackends(LocalKafka kafka, LocalRedis redis) implements AutoCloseable {
  static DemoBackends start(Path dir) throws IOException {
    Files.createDirectories(dir);
    CompletableFuture<LocalRedis> redis =
        CompletableFuture.supplyAsync(() -> LocalRedis.start(dir.resolve("redis"), Map.of()));
    try {
      return new DemoBackends(LocalKafka.start(dir.resolve("kafka"), Map.of()), redis.join());
    } catch (RuntimeException e) {
      redis.thenAccept(LocalRedis::close);
      throw e;
    }
  }

  @Override
  public void close() {
    redis.close();
    kafka.close();
  }
}
