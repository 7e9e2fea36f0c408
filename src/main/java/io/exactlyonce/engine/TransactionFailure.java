package io.exactlyonce.engine;

/** A client's exception with the phase in which it came and what is to be done about it. */
final class TransactionFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Phase phase;
  private final Reaction reaction;

  TransactionFailure(Phase phase, Reaction reaction, Throwable cause) {
    super(phase + ": " + cause, cause);
    this.phase = phase;
    this.reaction = reaction;
  }

  static TransactionFailure of(Phase phase, Throwable cause) {
    return cause instanceof TransactionFailure known
        ? known
        : new TransactionFailure(phase, FailureClassifier.reaction(phase, cause), cause);
  }

  Phase phase() {
    return phase;
  }

  /** Whether its worker cannot go on. */
  boolean isFinal() {
    return reaction == Reaction.STOP || reaction == Reaction.RESTART_WORKER;
  }

  Reaction reaction() {
    return reaction;
  }
}
