package io.exactlyonce.wiring.peer;

import io.exactlyonce.config.ConfigurationException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.errors.NetworkException;

/**
 * Check, before a Kafka client is made, that the bootstrap servers speak Kafka: a client would take
 * another server's answer for a length, and run out of memory. An address may change hands while
 * pipelines run, so each client needs a check; its result counts for five seconds, for clients that
 * are made together.
 */
public final class BrokerCheck {
  private static final Duration FRESH = Duration.ofSeconds(5);

  private String servers = "";
  private long askedAt;
  private Optional<String> wrong = Optional.empty();

  /**
   * @param settings the client's
   * @throws NetworkException where another protocol is spoken; it may be Kafka's later
   */
  public synchronized void require(Map<String, Object> settings) {
    String now = String.valueOf(settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    if (!now.equals(servers) || System.nanoTime() - askedAt > FRESH.toNanos()) {
      wrong = ask(settings);
      servers = now;
      askedAt = System.nanoTime();
    }
    wrong.ifPresent(
        answer -> {
          throw new NetworkException(answer);
        });
  }

  private static Optional<String> ask(Map<String, Object> settings) {
    try {
      return Peers.notKafka(settings);
    } catch (ConfigurationException e) { // an address that is none, which the client itself reports
      return Optional.empty();
    }
  }
}
