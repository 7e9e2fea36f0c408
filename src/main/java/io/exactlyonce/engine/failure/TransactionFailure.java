package io.exactlyonce.engine.failure;

import java.util.Collection;
import org.apache.kafka.common.TopicPartition;

/** A client's exception with the phase in which it came and what is to be done about it. */
public final class TransactionFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Phase phase;
  private final Reaction reaction;

  public TransactionFailure(Phase phase, Reaction reaction, Throwable cause) {
    super(phase + ": " + cause, cause);
    this.phase = phase;
    this.reaction = reaction;
  }

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

  /** Whether its worker cannot go on. */
  public boolean isFinal() {
    return reaction == Reaction.STOP || reaction == Reaction.RESTART_WORKER;
  }

  public Reaction reaction() {
    return reaction;
  }
}
