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
    properties.put("pipelines.payments.enabled", false);
    properties.put("bench.source", terms.source());
    properties.put("bench.sink", terms.sink());
    properties.put("bench.group", terms.group());
    Tuning.producerTuning()
        .forEach((key, value) -> properties.put("kafka.producers.bench." + key, value));
    ApplicationContext context = ApplicationContext.builder(properties, "bench").build();
    context.registerSingleton(Terms.class, terms);
    context.start();
  }
}
