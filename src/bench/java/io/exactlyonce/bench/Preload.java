package io.exactlyonce.bench;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fills a source before anybody reads it. */
final class Preload {
  private Preload() {}

  static void fill(Stage stage, Load load) {
    stage.helper.createTopic(load.topic(), load.partitions(), Map.of());
    Payload payload = new Payload(load.valueBytes());
    AtomicReference<Exception> failure = new AtomicReference<>();
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            stage.kafka.bootstrapServers(),
            "linger.ms",
            5,
            "batch.size",
            256 * 1024,
            "max.in.flight.requests.per.connection",
            1);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long place = 0; place < load.records(); place++) {
        producer.send(
            payload.record(load, place),
            (metadata, exception) -> {
              if (exception != null) {
                failure.compareAndSet(null, exception);
              }
            });
      }
    }
    if (failure.get() != null) {
      throw new IllegalStateException("could not fill " + load.topic(), failure.get());
    }
  }
}
