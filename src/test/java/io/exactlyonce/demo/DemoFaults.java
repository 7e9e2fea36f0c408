package io.exactlyonce.demo;

import io.exactlyonce.local.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Causes a fault every few seconds while payments are processed. In turn it flushes Redis, and
 * kills the second instance and starts it again some seconds later. The first instance, which has
 * the console, is left alone.
 */
final class DemoFaults implements Runnable, AutoCloseable {
  /** Starts the second instance. */
  @FunctionalInterface
  interface Starter {
    DemoApplication start() throws IOException;
  }

  private static final long BETWEEN_SECONDS = 12;
  private static final long DOWN_SECONDS = 4;

  private final LocalRedis redis;
  private final Starter starter;
  private final Consumer<String> tell;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread = new Thread(this, "faults");
  private DemoApplication second;

  /**
   * @param tell receives a line for each fault
   */
  DemoFaults(LocalRedis redis, Starter starter, Consumer<String> tell) throws IOException {
    this.redis = redis;
    this.starter = starter;
    this.tell = tell;
    this.second = starter.start();
    thread.setDaemon(true);
  }

  DemoFaults start() {
    thread.start();
    return this;
  }

  @Override
  public void run() {
    try {
      for (int number = 0; !isOver(BETWEEN_SECONDS); number++) {
        if (number % 2 == 0) {
          flush();
        } else {
          kill();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      tell.accept("Fault: the second instance was not started again: " + e);
    }
  }

  private boolean isOver(long seconds) throws InterruptedException {
    return over.await(seconds, TimeUnit.SECONDS);
  }

  private void flush() {
    RedisClient client = RedisClient.create(redis.uri());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      connection.sync().flushall();
      tell.accept("Fault: Redis was flushed; its claims come back from the log");
    } catch (RedisException e) { // Redis is stopping
      tell.accept("Fault: Redis could not be flushed: " + e.getMessage());
    } finally {
      client.shutdown(0, 1, TimeUnit.SECONDS);
    }
  }

  private void kill() throws InterruptedException, IOException {
    second.kill();
    tell.accept("Fault: the second instance was killed; the first takes its partitions");
    if (!isOver(DOWN_SECONDS)) {
      second = starter.start();
    }
  }

  /** Ends the faults; an instance that is down stays down. */
  void stop() {
    over.countDown();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    second.close();
  }
}
