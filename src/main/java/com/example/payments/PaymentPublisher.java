package com.example.payments;

import io.micronaut.configuration.kafka.annotation.KafkaClient;
import io.micronaut.configuration.kafka.annotation.KafkaKey;
import io.micronaut.configuration.kafka.annotation.Topic;
import io.micronaut.context.annotation.Property;
import io.micronaut.messaging.annotation.MessageBody;
import io.micronaut.messaging.annotation.MessageHeader;
import java.util.concurrent.CompletableFuture;

/**
 * Puts payments on the log that the pipeline reads.
 *
 * <p>A send has its outcome within 4 s: {@code max.block.ms} bounds the wait for a broker and for
 * room in the buffer, which the calling thread spends, and {@code delivery.timeout.ms} what
 * follows.
 */
@KafkaClient(
    id = "payments",
    acks = KafkaClient.Acknowledge.ALL,
    properties = {
      @Property(name = "enable.idempotence", value = "true"),
      // With more, a batch refused by a leader that has just begun can be overtaken (KAFKA-15591).
      @Property(name = "max.in.flight.requests.per.connection", value = "1"),
      @Property(name = "max.block.ms", value = "1500"),
      @Property(name = "request.timeout.ms", value = "2000"),
      @Property(name = "delivery.timeout.ms", value = "2500")
    })
public interface PaymentPublisher {

  /** Completes when all replicas in sync have the record, or fails with what Kafka said. */
  @Topic("payments")
  CompletableFuture<Void> publish(
      @KafkaKey String debtor,
      @MessageHeader("event-id") String eventId,
      @MessageBody Payment payment);
}
