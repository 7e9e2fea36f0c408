package com.example.payments;

import io.micronaut.configuration.kafka.annotation.KafkaClient;
import io.micronaut.configuration.kafka.annotation.KafkaKey;
import io.micronaut.configuration.kafka.annotation.Topic;
import io.micronaut.context.annotation.Property;
import io.micronaut.messaging.annotation.MessageBody;
import io.micronaut.messaging.annotation.MessageHeader;
import java.util.concurrent.CompletableFuture;

/**
 * Sends payments to the topic that the pipeline reads.
 *
 * <p>A send succeeds or fails within 4 s: {@code max.block.ms} bounds the time that the calling
 * thread waits for a broker and for room in the buffer, and {@code delivery.timeout.ms} the time
 * after that.
 */
@KafkaClient(
    id = "payments",
    acks = KafkaClient.Acknowledge.ALL,
    properties = {
      @Property(name = "enable.idempotence", value = "true"),
      // With more, a later batch may overtake one that a new leader has refused (KAFKA-15591).
      @Property(name = "max.in.flight.requests.per.connection", value = "1"),
      @Property(name = "max.block.ms", value = "1500"),
      @Property(name = "request.timeout.ms", value = "2000"),
      @Property(name = "delivery.timeout.ms", value = "2500")
    })
public interface PaymentPublisher {

  /** Completes when all in-sync replicas have the record; fails with Kafka's exception. */
  @Topic("payments")
  CompletableFuture<Void> publish(
      @KafkaKey String debtor,
      @MessageHeader("event-id") String eventId,
      @MessageBody Payment payment);
}
