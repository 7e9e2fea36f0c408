package io.exactlyonce.doctor;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;

/**
 * What is asked of the brokers, and how long each answer may take.
 *
 * @param servers as they are configured, for commands that are shown
 * @param clock that of this machine
 */
public record Questions(Admin admin, String servers, Duration bound, Clock clock) {

  /** A part of the look that asks the brokers. */
  interface Look {
    void run() throws ExecutionException, TimeoutException, InterruptedException;
  }

  <T> T get(KafkaFuture<T> answer)
      throws ExecutionException, TimeoutException, InterruptedException {
    return answer.get(bound.toMillis(), TimeUnit.MILLISECONDS);
  }
}
