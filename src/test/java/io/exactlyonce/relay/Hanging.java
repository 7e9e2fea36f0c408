package io.exactlyonce.relay;

import io.exactlyonce.handler.Event;
import io.exactlyonce.handler.ForPipeline;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.micronaut.configuration.kafka.annotation.KafkaListener;
import io.micronaut.configuration.kafka.annotation.OffsetReset;
import io.micronaut.configuration.kafka.annotation.Topic;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.concurrent.locks.LockSupport;

/**
 * Parts of an application that do not end. Each exists only where the property {@code hanging}
 * names it, and prints a line when it hangs.
 */
public final class Hanging {
  private Hanging() {}

  private static void forEver(String what) {
    System.out.println(what + " hangs");
    while (true) {
      // An interrupt ends the wait and not the loop.
      LockSupport.parkNanos(Long.MAX_VALUE);
      Thread.interrupted();
    }
  }

  /** Listener whose thread dies at the first record; Micronaut's stop waits for it. */
  @Requires(property = "hanging", value = "dead-listener")
  @KafkaListener(groupId = "${hanging.group}", offsetReset = OffsetReset.EARLIEST)
  public static class DeadListener {
    @Topic("${hanging.topic}")
    void read(byte[] value) {
      System.out.println("the listener hangs");
      throw new StackOverflowError("the listener's");
    }
  }

  /** Listener that never returns from its first record. */
  @Requires(property = "hanging", value = "stuck-listener")
  @KafkaListener(groupId = "${hanging.group}", offsetReset = OffsetReset.EARLIEST)
  public static class StuckListener {
    @Topic("${hanging.topic}")
    void read(byte[] value) {
      forEver("the listener");
    }
  }

  /** Bean whose close never returns, such as a pool that waits for its connections. */
  @Context
  @Requires(property = "hanging", value = "bean")
  public static class Pool {
    @PreDestroy
    void close() {
      forEver("the bean");
    }
  }

  /** Thread that is no daemon: it keeps the JVM alive unless something ends the process. */
  @Context
  @Requires(property = "hanging", value = "thread")
  public static class OwnThread {
    @PostConstruct
    void start() {
      new Thread(() -> forEver("the thread"), "users-thread").start();
    }
  }

  /** Handler that no interrupt ends. */
  @Singleton
  @ForPipeline("stuck")
  public static class StuckHandler implements Handler<String> {
    @Override
    public Outcome handle(Event<String> event) {
      forEver("the handler");
      return Outcome.skip("never");
    }
  }
}
