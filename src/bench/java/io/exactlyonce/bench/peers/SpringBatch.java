package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Tuning;
import io.exactlyonce.bench.Work;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.transaction.KafkaTransactionManager;

/** Spring Kafka's batch listener in a Kafka transaction, as its manual sets it up. */
public final class SpringBatch {
  private SpringBatch() {}

  public static void main(String[] args) {
    Terms terms = Terms.parse(args);
    start(terms, Tuning.producer(terms), Tuning.consumer(terms), UnaryOperator.identity());
  }

  /**
   * Reads on, on threads of its own.
   *
   * @param admitted which records of a batch are sent on
   */
  static void start(
      Terms terms,
      Map<String, Object> producer,
      Map<String, Object> consumer,
      UnaryOperator<List<ConsumerRecord<byte[], byte[]>>> admitted) {
    Work work = new Work(terms);
    DefaultKafkaProducerFactory<byte[], byte[]> producers =
        new DefaultKafkaProducerFactory<>(producer);
    producers.setTransactionIdPrefix(terms.group() + "-");
    KafkaTemplate<byte[], byte[]> template = new KafkaTemplate<>(producers);
    ContainerProperties properties = new ContainerProperties(terms.source());
    properties.setKafkaAwareTransactionManager(new KafkaTransactionManager<>(producers));
    properties.setMessageListener(
        (BatchMessageListener<byte[], byte[]>)
            records ->
                admitted
                    .apply(records)
                    .forEach(
                        record ->
                            template.send(
                                new ProducerRecord<>(
                                    terms.sink(),
                                    null,
                                    null,
                                    record.key(),
                                    work.transform(record.value()),
                                    record.headers()))));
    new KafkaMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<byte[], byte[]>(consumer), properties)
        .start();
  }
}
