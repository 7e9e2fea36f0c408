package io.exactlyonce.engine.transaction;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One transactional id and the producer that holds it. What a producer throws in a transaction is
 * caught here alone, and becomes a {@link TransactionFailure}.
 *
 * <p>One thread at a time: its session hands it from the worker to the committer and back.
 */
public final class TransactionalProducer {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionalProducer.class);

  private static final Duration ABORT_BOUND = Duration.ofSeconds(2);

  /** Where the producer stands between two calls. */
  enum State {
    /** There is no producer; {@code resolve} makes one and takes the id over. */
    ABSENT,
    /** Initialised, no transaction is open. */
    READY,
    /** A transaction is open. */
    OPEN,
    /** A transaction failed or is undecided: only {@code resolve} or {@code abort} may follow. */
    DOUBTFUL
  }

  private final String id;
  private final Supplier<Producer<byte[], byte[]>> factory;
  private final Duration commitBound;
  private final LongAdder unknownCommits;
  private volatile @Nullable Producer<byte[], byte[]> producer;
  private volatile boolean brokenOff;
  private State state = State.ABSENT;

  /**
   * @param commitBound how long a commit without an answer is repeated
   * @param unknownCommits counts the transactions whose commit had no answer, once each
   */
  public TransactionalProducer(
      String id,
      Supplier<Producer<byte[], byte[]>> factory,
      Duration commitBound,
      LongAdder unknownCommits) {
    this.id = id;
    this.factory = factory;
    this.commitBound = commitBound;
    this.unknownCommits = unknownCommits;
  }

  String id() {
    return id;
  }

  /**
   * Makes the producer ready, with no transaction of its id open anywhere.
   *
   * @throws TransactionFailure where the id cannot be taken over now
   */
  void resolve(Reaction reaction) {
    if (reaction == Reaction.ABORT_AND_REWIND && (state == State.OPEN || state == State.DOUBTFUL)) {
      tryAbort();
    }
    if (state == State.READY && reaction == Reaction.ABORT_AND_REWIND && !brokenOff) {
      return;
    }
    discard();
    try {
      Producer<byte[], byte[]> made = factory.get();
      producer = made;
      // Fences an earlier producer of the id, and finishes or aborts what it left open.
      made.initTransactions();
      state = State.READY;
    } catch (RuntimeException e) {
      discard();
      throw TransactionFailure.of(Phase.INIT, e);
    }
  }

  /** Aborts. Where that fails the producer is discarded, and the caller takes the id over anew. */
  private void tryAbort() {
    try {
      live().abortTransaction();
      state = State.READY;
    } catch (RuntimeException e) {
      LOG.info("{}: abort failed, the producer is made anew: {}", id, e.toString());
      discard();
    }
  }

  /**
   * Aborts what is open or was refused; the id stays this producer's.
   *
   * @throws TransactionFailure where that fails, or another producer has taken the id over
   */
  void abort() {
    if (state == State.READY) {
      return;
    }
    try {
      live().abortTransaction();
      state = State.READY;
    } catch (RuntimeException e) {
      throw failed(Phase.ABORT, e);
    }
  }

  void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    maybeBegin();
    try {
      Sends.send(live(), record, callback, callback);
    } catch (RuntimeException e) {
      throw failed(Phase.SEND, e);
    }
  }

  /**
   * Waits until all that was sent is acknowledged or has failed; a failure shows at the commit.
   *
   * <p>Without this the request that sends offsets often meets the last transaction still
   * completing, is answered CONCURRENT_TRANSACTIONS and waits {@code retry.backoff.ms}.
   */
  void flush() {
    try {
      live().flush();
    } catch (RuntimeException e) {
      throw failed(Phase.SEND, e);
    }
  }

  /** Begins with the first record, so that slow handlers do not use up the time-out. */
  private void maybeBegin() {
    if (state == State.OPEN) {
      return;
    }
    if (state != State.READY) {
      throw new IllegalStateException(id + " is " + state + ": resolve first");
    }
    try {
      live().beginTransaction();
      state = State.OPEN;
    } catch (RuntimeException e) {
      throw failed(Phase.SEND, e);
    }
  }

  /** Sends offsets and commits, repeatedly while no answer comes. Call {@link #flush} before. */
  void commit(PendingTransaction.Sealed transaction) {
    maybeBegin();
    try {
      live().sendOffsetsToTransaction(transaction.offsets(), transaction.group());
    } catch (RuntimeException e) {
      throw failed(Phase.OFFSETS, e);
    }
    long deadline = System.nanoTime() + commitBound.toNanos();
    boolean unknown = false;
    while (true) {
      try {
        live().commitTransaction();
        state = State.READY;
        return;
      } catch (RuntimeException e) {
        TransactionFailure failure = failed(Phase.COMMIT, e);
        if (!unknown && isWithoutAnswer(e)) {
          unknown = true;
          unknownCommits.increment();
        }
        if (failure.reaction() != Reaction.RETRY_COMMIT) {
          throw failure;
        }
        if (System.nanoTime() - deadline > 0) {
          throw new TransactionFailure(Phase.COMMIT, Reaction.REBUILD_PRODUCERS, e);
        }
        LOG.warn("{}: the commit's outcome is unknown, it is repeated: {}", id, e.toString());
      }
    }
  }

  /** Whether the broker may have committed: the call ended before its answer came. */
  private boolean isWithoutAnswer(RuntimeException thrown) {
    return brokenOff || thrown instanceof TimeoutException || thrown instanceof InterruptException;
  }

  /** From another thread: ends a call under way with an exception; changes nothing else. */
  void breakOff() {
    brokenOff = true;
    Producer<byte[], byte[]> busy = producer;
    if (busy != null) {
      busy.close(Duration.ZERO);
    }
  }

  /** The producer, in every state but {@link State#ABSENT}. */
  private Producer<byte[], byte[]> live() {
    return requireNonNull(producer, "no producer: resolve first");
  }

  private TransactionFailure failed(Phase phase, RuntimeException cause) {
    state = State.DOUBTFUL;
    return TransactionFailure.of(phase, cause);
  }

  private void discard() {
    if (producer != null) {
      producer.close(Duration.ZERO);
    }
    producer = null;
    brokenOff = false;
    state = State.ABSENT;
  }

  /**
   * Closes the producer. An open transaction is aborted first: if no other producer took the id
   * over, readers would wait for its time-out. A doubtful transaction stays as it is.
   */
  void close() {
    if (state == State.OPEN && producer != null) {
      producer.close(ABORT_BOUND);
    }
    discard();
  }
}
