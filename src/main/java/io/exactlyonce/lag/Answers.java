package io.exactlyonce.lag;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/** Waits for answers to requests that have one bound together. */
final class Answers {
  private final long deadline;

  Answers(Duration bound) {
    this.deadline = System.nanoTime() + bound.toNanos();
  }

  /** The rest of the bound in ms, at least 1, for the options of a request. */
  int leftMillis() {
    return Math.toIntExact(Math.max(1, Duration.ofNanos(deadline - System.nanoTime()).toMillis()));
  }

  /**
   * Waits for an answer, at most until the bound.
   *
   * @throws KafkaException where the broker refuses, or does not answer within the bound
   */
  <T> T get(KafkaFuture<T> answer) {
    try {
      return answer.isDone() ? answer.get() : answer.get(leftMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("no answer in time", e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
