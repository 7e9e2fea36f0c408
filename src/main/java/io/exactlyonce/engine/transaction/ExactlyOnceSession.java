package io.exactlyonce.engine.transaction;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Signal;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.engine.topic.SameTopics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Delivery exactly-once, with two producers that take turns: records of the next transaction are
 * sent with one while the other commits the last.
 *
 * <p>Threads: the worker's thread sends with {@code filling}; the committer's thread alone uses the
 * other between {@link #commit} and the completion of its future. Since the worker commits again
 * only after it has seen that result, at most one transaction is with the committer, offsets are
 * sent in the order of the transactions, and when one fails the other is still open and can be
 * aborted.
 */
public final class ExactlyOnceSession implements TransactionSession {
  private static final Duration CLOSING = Duration.ofMillis(200);
  private static final Duration TAKE_BACK = Duration.ofSeconds(5);

  private final ReceiptWriter receipts;
  private final Signal signal;
  private final SameTopics sameTopics;
  private final ExecutorService committer;
  private volatile @Nullable Thread committerThread;
  private TransactionalProducer filling;
  private TransactionalProducer resting;
  private CompletableFuture<CommitResult> handedOver = CompletableFuture.completedFuture(null);
  private CompletableFuture<Void> lastAcknowledged = CompletableFuture.completedFuture(null);

  /**
   * @param a the first to be filled, then they take turns
   */
  public ExactlyOnceSession(
      TransactionalProducer a,
      TransactionalProducer b,
      ReceiptWriter receipts,
      Signal signal,
      SameTopics sameTopics) {
    this.filling = a;
    this.resting = b;
    this.receipts = receipts;
    this.signal = signal;
    this.sameTopics = sameTopics;
    this.committer =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread made = new Thread(LogFields.inherited(task), receipts.worker() + "-committer");
              committerThread = made;
              return made;
            });
  }

  /**
   * Resolves both producers: committed offsets count only once no transaction of either id is open.
   */
  @Override
  public void recover(Reaction reaction) {
    takeBack();
    filling.resolve(reaction);
    resting.resolve(reaction);
  }

  /**
   * Ends a commit that the worker no longer waits for: closes its producer, which ends the
   * committer's call. Until that has ended this thread changes nothing that the committer uses.
   */
  private void takeBack() {
    if (handedOver.isDone()) {
      return;
    }
    resting.breakOff();
    try {
      if (!hasEndedWithin(CLOSING)) {
        // A call that began as its producer was closed waits for an answer that cannot come, for
        // max.block.ms.
        requireNonNull(committerThread).interrupt();
        if (!hasEndedWithin(TAKE_BACK)) {
          throw new TimeoutException("the committer does not end");
        }
      }
    } catch (TimeoutException | ExecutionException e) {
      throw new TransactionFailure(Phase.INIT, Reaction.REBUILD_PRODUCERS, e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private boolean hasEndedWithin(Duration bound) throws ExecutionException, InterruptedException {
    try {
      handedOver.get(bound.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  @Override
  public void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    filling.send(record, callback);
  }

  @Override
  public CompletableFuture<CommitResult> commit(PendingTransaction.Sealed transaction) {
    TransactionalProducer committing = filling;
    filling = resting;
    resting = committing;
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    lastAcknowledged = acknowledged;
    handedOver =
        CompletableFuture.supplyAsync(
            () -> commit(committing, transaction, acknowledged), committer);
    handedOver.whenComplete((committed, failure) -> signal.raise());
    return handedOver;
  }

  /**
   * Commits on the committer's thread. The broker is asked for the topics after the receipt is in
   * the log. So a worker that finds a topic gone, and then reads the receipts to their end, knows
   * each transaction that may still commit records of it: a later one learns that the topic is
   * gone.
   */
  private CommitResult commit(
      TransactionalProducer producer,
      PendingTransaction.Sealed transaction,
      CompletableFuture<Void> acknowledged) {
    Thread.interrupted(); // takeBack may have interrupted a call that had just ended
    try {
      producer.send(
          receipts.record(transaction, producer.id()), transaction.refusals()::postReceipt);
      producer.flush();
      acknowledged.complete(null);
      signal.raise();
      SameTopics.await(sameTopics.check(transaction.topicIds()));
      producer.commit(transaction);
      return new CommitResult.Committed(transaction);
    } catch (TransactionFailure failure) {
      return failure.reaction() == Reaction.ABORT_AND_RESEND
          ? new CommitResult.Refused(failure, transaction.group())
          : new CommitResult.NotCommitted(failure);
    } finally {
      // After a failure too: both transactions are dropped then, and their order does not matter.
      acknowledged.complete(null);
    }
  }

  @Override
  public void abort() {
    filling.abort();
    resting.abort();
  }

  /**
   * False until the records of the transaction that is being committed are acknowledged, which
   * takes a fraction of its commit. Two producers keep no order between them: of one key, the next
   * transaction's records could otherwise be written before the last ones of that transaction.
   */
  @Override
  public boolean maySend() {
    return lastAcknowledged.isDone();
  }

  /** Closes both; a transaction with the committer is decided by the next producer of its id. */
  @Override
  public void close() {
    if (!handedOver.isDone()) {
      resting.breakOff();
    }
    committer.shutdownNow();
    filling.close();
    resting.close();
  }
}
