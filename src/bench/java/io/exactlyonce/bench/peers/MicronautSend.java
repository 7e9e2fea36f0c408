package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Tuning;
import io.micronaut.context.ApplicationContext;
import java.util.HashMap;
import java.util.Map;

/** Micronaut Kafka with {@code SEND_TO_TRANSACTION}: a transaction for each result. */
public final class MicronautSend {
  private MicronautSend() {}

  public static void main(String[] args) {
    Terms terms = Terms.parse(args);
    Map<String, Object> properties = new HashMap<>();
    properties.put("kafka.bootstrap.servers", terms.servers());
    properties.put("kafka.health.enabled", false);
    properties.put("redis.uri", terms.redis());
    properties.put("bench.source", terms.source());
    properties.put("bench.sink", terms.sink());
    properties.put("bench.group", terms.group());
    Tuning.producer(terms)
        .forEach((key, value) -> properties.put("kafka.producers.bench." + key, value));
    Tuning.consumer(terms)
        .forEach((key, value) -> properties.put("kafka.consumers.default." + key, value));
    // Not this project's application.yml: its pipelines would start beside the listener.
    ApplicationContext context =
        ApplicationContext.builder(properties, "bench").enableDefaultPropertySources(false).build();
    context.registerSingleton(Terms.class, terms);
    context.start();
  }
}
