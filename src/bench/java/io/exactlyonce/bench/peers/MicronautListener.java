package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Work;
import io.micronaut.configuration.kafka.annotation.KafkaKey;
import io.micronaut.configuration.kafka.annotation.KafkaListener;
import io.micronaut.configuration.kafka.annotation.OffsetReset;
import io.micronaut.configuration.kafka.annotation.OffsetStrategy;
import io.micronaut.configuration.kafka.annotation.Topic;
import io.micronaut.context.annotation.Requires;
import io.micronaut.messaging.annotation.MessageBody;
import io.micronaut.messaging.annotation.SendTo;

/** Micronaut Kafka's own transactional listener, as its guide shows it. */
@Requires(property = "bench.source")
@KafkaListener(
    groupId = "${bench.group}",
    offsetReset = OffsetReset.EARLIEST,
    producerClientId = "bench",
    producerTransactionalId = "${bench.group}",
    offsetStrategy = OffsetStrategy.SEND_TO_TRANSACTION,
    isolation = org.apache.kafka.common.IsolationLevel.READ_COMMITTED)
public class MicronautListener {
  private final Work work;

  public MicronautListener(Terms terms) {
    this.work = new Work(terms);
  }

  @Topic("${bench.source}")
  @SendTo("${bench.sink}")
  public byte[] receive(@KafkaKey byte[] key, @MessageBody byte[] value) {
    return work.transform(value);
  }
}
