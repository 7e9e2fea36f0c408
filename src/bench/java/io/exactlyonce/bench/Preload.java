package io.exactlyonce.bench;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fills a source before anybody reads it. */
final class Preload {
  private Preload() {}

  static void fill(Stage stage, String topic, long records, int valueBytes) {
    stage.helper.createTopic(topic, Stage.PARTITIONS, Map.of());
    Payload payload = new Payload(valueBytes);
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
      for (long number = 0; number < records; number++) {
        producer.send(
            payload.record(topic, number, 0),
            (metadata, exception) -> {
              if (exception != null) {
                failure.compareAndSet(null, exception);
              }
            });
      }
    }
    if (failure.get() != null) {
      throw new IllegalStateException("could not fill " + topic, failure.get());
    }
  }
}
