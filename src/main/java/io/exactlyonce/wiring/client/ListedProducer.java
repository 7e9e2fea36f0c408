package io.exactlyonce.wiring.client;

import io.exactlyonce.wiring.client.OpenClients.Place;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Producer of a worker. It is in the list of {@link OpenClients} until it begins to close. */
public final class ListedProducer extends KafkaProducer<byte[], byte[]> {
  private final Runnable unlist;

  public ListedProducer(Map<String, Object> settings, OpenClients open, Place place) {
    super(settings);
    unlist = open.add(place, this::metrics);
  }

  /** Called by the other {@code close} too. */
  @Override
  public void close(Duration timeout) {
    unlist.run();
    super.close(timeout);
  }
}
