package io.exactlyonce.handler;

import java.util.List;
import java.util.Objects;

/** The result of handling an event. It commits in one transaction with the event's offset. */
public sealed interface Outcome {

  /** These records are written, in this order. */
  record Emit(List<Output> outputs) implements Outcome {
    public Emit {
      outputs = List.copyOf(outputs);
    }
  }

  /** Nothing is written; the reason is counted. */
  record Skip(String reason) implements Outcome {
    public Skip {
      Objects.requireNonNull(reason, "reason");
    }
  }

  /** The record goes to the dead letters, untouched, with the reason in a header. */
  record DeadLetter(String reason) implements Outcome {
    public DeadLetter {
      Objects.requireNonNull(reason, "reason");
    }
  }

  static Outcome emit(Output... outputs) {
    return new Emit(List.of(outputs));
  }

  static Outcome emit(List<Output> outputs) {
    return new Emit(outputs);
  }

  static Outcome skip(String reason) {
    return new Skip(reason);
  }

  static Outcome deadLetter(String reason) {
    return new DeadLetter(reason);
  }
}
