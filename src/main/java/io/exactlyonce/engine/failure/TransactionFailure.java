package io.exactlyonce.engine.failure;

import java.util.Collection;
import org.apache.kafka.common.TopicPartition;

/** A client's exception with the phase in which it was thrown and the reaction to it. */
public final class TransactionFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Phase phase;
  private final Reaction reaction;

  public TransactionFailure(Phase phase, Reaction reaction, Throwable cause) {
    super(phase + ": " + cause, cause);
    this.phase = phase;
    this.reaction = reaction;
  }

  /** The exception classified; a {@link TransactionFailure} is returned as it is. */
  public static TransactionFailure of(Phase phase, Throwable cause) {
    return cause instanceof TransactionFailure known
        ? known
        : new TransactionFailure(phase, FailureClassifier.reaction(phase, cause), cause);
  }

  public static TransactionFailure lost(Collection<TopicPartition> partitions) {
    return new TransactionFailure(
        Phase.POLL, Reaction.ABORT_AND_REWIND, new PartitionsLostException(partitions));
  }

  public Phase phase() {
    return phase;
  }

  /** Whether the worker has to end: it restarts or stays down. */
  public boolean isFinal() {
    return reaction == Reaction.STOP || reaction == Reaction.RESTART_WORKER;
  }

  public Reaction reaction() {
    return reaction;
  }
}
