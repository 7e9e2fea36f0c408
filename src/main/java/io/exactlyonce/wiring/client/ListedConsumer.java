package io.exactlyonce.wiring.client;

import io.exactlyonce.engine.spi.BoundedConsumer;
import io.exactlyonce.wiring.client.OpenClients.Place;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;

/** Consumer of a worker. It is in the list of {@link OpenClients} until it begins to close. */
public final class ListedConsumer extends BoundedConsumer {
  /** Kafka's default time limit of a close. */
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final Runnable unlist;

  public ListedConsumer(Map<String, Object> settings, long most, OpenClients open, Place place) {
    super(settings, most);
    unlist = open.add(place, this::metrics);
  }

  @Override
  public void close() {
    close(CloseOptions.timeout(BOUND));
  }

  @Override
  @SuppressWarnings("deprecation") // Kafka's method, which can still be called
  public void close(Duration timeout) {
    close(CloseOptions.timeout(timeout));
  }

  @Override
  public void close(CloseOptions options) {
    unlist.run();
    super.close(options);
  }
}
