package io.exactlyonce.cli.load;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes the Kafka clients of a load. */
interface CliClients {

  Admin admin(Map<String, Object> settings);

  Producer<byte[], byte[]> producer(Map<String, Object> settings);

  /** Clients of a real cluster. */
  static CliClients real() {
    return new CliClients() {
      @Override
      public Admin admin(Map<String, Object> settings) {
        return Admin.create(settings);
      }

      @Override
      public Producer<byte[], byte[]> producer(Map<String, Object> settings) {
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
      }
    };
  }
}
