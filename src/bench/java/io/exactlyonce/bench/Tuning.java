package io.exactlyonce.bench;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The client settings that every contestant gets: those that a pipeline of ours has by itself
 * ({@code ClientConfigs}), so that a difference is one of the loops and not of the clients.
 */
public final class Tuning {
  private Tuning() {}

  public static Map<String, Object> consumer(Terms terms) {
    Map<String, Object> settings = new HashMap<>(consumerTuning());
    settings.put("bootstrap.servers", terms.servers());
    settings.put("group.id", terms.group());
    settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
    settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
    return settings;
  }

  public static Map<String, Object> consumerTuning() {
    return Map.of(
        "max.poll.records",
        2000,
        "fetch.max.bytes",
        8 * 1024 * 1024,
        "receive.buffer.bytes",
        -1,
        "auto.offset.reset",
        "earliest",
        "isolation.level",
        "read_committed",
        "enable.auto.commit",
        false);
  }

  public static Map<String, Object> producer(Terms terms) {
    Map<String, Object> settings = new HashMap<>(producerTuning());
    settings.put("bootstrap.servers", terms.servers());
    settings.put("key.serializer", ByteArraySerializer.class.getName());
    settings.put("value.serializer", ByteArraySerializer.class.getName());
    return settings;
  }

  public static Map<String, Object> producerTuning() {
    return Map.of(
        "acks",
        "all",
        "enable.idempotence",
        true,
        "linger.ms",
        5,
        "batch.size",
        64 * 1024,
        "buffer.memory",
        64L * 1024 * 1024);
  }

  public static Map<String, Object> transactional(Terms terms) {
    Map<String, Object> settings = producer(terms);
    settings.put("transactional.id", terms.group());
    settings.put("transaction.timeout.ms", 10_000);
    return settings;
  }
}
