package io.exactlyonce.wiring.client;

import io.exactlyonce.wiring.client.OpenClients.Place;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;

/** A worker's producer, which is among the open clients until it is closed. */
public final class ListedProducer extends KafkaProducer<byte[], byte[]> {
  private final Runnable unlist;

  public ListedProducer(Map<String, Object> settings, OpenClients open, Place place) {
    super(settings);
    unlist = open.add(place, this::metrics);
  }

  /** The other close calls this one. */
  @Override
  public void close(Duration timeout) {
    unlist.run();
    super.close(timeout);
  }
}
