package io.exactlyonce.doctor;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;

/**
 * Admin client for requests to the brokers, with a bound for each answer.
 *
 * @param servers as they are configured, for commands that are shown
 * @param bound time within which each answer has to come
 * @param clock that of this machine
 */
public record Questions(Admin admin, String servers, Duration bound, Clock clock) {

  /** A part of the check that asks the brokers. */
  interface Look {
    void run() throws ExecutionException, TimeoutException, InterruptedException;
  }

  /**
   * Waits for an answer.
   *
   * @throws ExecutionException where the brokers refuse
   * @throws TimeoutException where there is no answer within the bound
   */
  <T> T get(KafkaFuture<T> answer)
      throws ExecutionException, TimeoutException, InterruptedException {
    return answer.get(bound.toMillis(), TimeUnit.MILLISECONDS);
  }
}
