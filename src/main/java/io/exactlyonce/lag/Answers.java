package io.exactlyonce.lag;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/** The one bound that all questions of a check have together. */
final class Answers {
  private final long deadline;

  Answers(Duration bound) {
    this.deadline = System.nanoTime() + bound.toNanos();
  }

  /** For the options of a call: what is left of the bound. */
  int leftMillis() {
    return Math.toIntExact(Math.max(1, Duration.ofNanos(deadline - System.nanoTime()).toMillis()));
  }

  /**
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
