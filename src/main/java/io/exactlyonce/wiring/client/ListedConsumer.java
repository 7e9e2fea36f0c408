package io.exactlyonce.wiring.client;

import io.exactlyonce.engine.spi.BoundedConsumer;
import io.exactlyonce.wiring.client.OpenClients.Place;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;

/** A worker's consumer, which is among the open clients until it is closed. */
public final class ListedConsumer extends BoundedConsumer {
  /** Kafka's own, where none is given. */
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
  @SuppressWarnings("deprecation") // of Kafka's, which still can be called
  public void close(Duration timeout) {
    close(CloseOptions.timeout(timeout));
  }

  @Override
  public void close(CloseOptions options) {
    unlist.run();
    super.close(options);
  }
}
