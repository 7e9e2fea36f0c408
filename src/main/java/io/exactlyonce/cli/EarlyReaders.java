package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.receipt.BoundedClose;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * Readers of a cluster, of which the first is made while the cluster is asked whether it is there:
 * in a process that has just begun most of the time goes into the loading of a client's classes.
 */
final class EarlyReaders implements Supplier<Consumer<byte[], byte[]>>, AutoCloseable {
  private final Cluster cluster;
  private final Map<String, Object> others;
  private final CompletableFuture<Consumer<byte[], byte[]>> early;
  private final AtomicBoolean isTaken = new AtomicBoolean();

  /**
   * @param first settings of the first one, which come before the cluster's own
   * @param others likewise of those that follow
   */
  EarlyReaders(Cluster cluster, Map<String, Object> first, Map<String, Object> others) {
    this.cluster = cluster;
    this.others = others;
    this.early =
        CompletableFuture.supplyAsync(() -> cluster.reader(first), EarlyReaders::onOwnThread);
  }

  static void onOwnThread(Runnable task) {
    Thread thread = new Thread(task, "early");
    thread.setDaemon(true);
    thread.start();
  }

  /** Waits for the first one, so that what is wrong with its settings is said in one line. */
  void await() throws CommandFailure {
    cluster.tried(this::first);
  }

  private Consumer<byte[], byte[]> first() {
    try {
      return early.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException known ? known : e;
    }
  }

  @Override
  public Consumer<byte[], byte[]> get() {
    return isTaken.getAndSet(true) ? cluster.reader(others) : first();
  }

  /** Closes the first one where nobody took it, as soon as it is made. */
  @Override
  public void close() {
    if (!isTaken.getAndSet(true)) {
      early.thenAccept(reader -> BoundedClose.of(reader).close());
    }
  }
}
