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
 * Makes readers of a cluster. The first one is made on a thread of its own while the cluster is
 * asked whether it answers: in a new process most of that time is spent on loading the classes of a
 * client.
 */
final class EarlyReaders implements Supplier<Consumer<byte[], byte[]>>, AutoCloseable {
  private final Cluster cluster;
  private final Map<String, Object> others;
  private final CompletableFuture<Consumer<byte[], byte[]>> early;
  private final AtomicBoolean isTaken = new AtomicBoolean();

  /**
   * @param first settings of the first reader, which win over the cluster's own
   * @param others settings of the readers that follow, likewise
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

  /**
   * Waits for the first reader, so that wrong settings of it are reported in one line.
   *
   * @throws CommandFailure naming the wrong setting
   */
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

  /** Closes the first reader, as soon as it is made, unless it was taken. */
  @Override
  public void close() {
    if (!isTaken.getAndSet(true)) {
      early.thenAccept(reader -> BoundedClose.of(reader).close());
    }
  }
}
