package io.exactlyonce.wiring.tracing;

import io.micronaut.configuration.kafka.DefaultProducerFactory;
import io.micronaut.configuration.kafka.ProducerFactory;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.context.annotation.Requires;
import io.opentelemetry.api.OpenTelemetry;
import jakarta.inject.Singleton;
import java.util.Properties;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.Serializer;

/** Factory that makes the producers of Micronaut's Kafka clients traced. */
@Singleton
@Replaces(DefaultProducerFactory.class)
@Requires(beans = OpenTelemetry.class)
final class TracedProducers implements ProducerFactory {
  private final OpenTelemetry openTelemetry;

  TracedProducers(OpenTelemetry openTelemetry) {
    this.openTelemetry = openTelemetry;
  }

  @Override
  public <K, V> Producer<K, V> createProducer(
      Properties settings, Serializer<K> keys, Serializer<V> values) {
    return new TracedProducer<>(settings, keys, values, openTelemetry);
  }
}
