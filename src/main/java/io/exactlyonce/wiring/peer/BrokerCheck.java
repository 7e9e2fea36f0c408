package io.exactlyonce.wiring.peer;

import io.exactlyonce.config.ConfigurationException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.errors.NetworkException;

/**
 * Asks who listens at the bootstrap servers before a client of Kafka is made: it would take another
 * server's answer for a length, and be out of memory. An address may change hands while the
 * pipelines run, so it is asked again for each client, but for those that are made in one go.
 */
public final class BrokerCheck {
  private static final Duration FRESH = Duration.ofSeconds(5);

  private String servers = "";
  private long askedAt;
  private Optional<String> wrong = Optional.empty();

  /**
   * @param settings the client's
   * @throws NetworkException where something else than Kafka listens; it may be Kafka later
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
    } catch (ConfigurationException e) { // an address that is none: the client itself tells it
      return Optional.empty();
    }
  }
}
