package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Tuning;
import io.exactlyonce.bench.Work;
import java.util.Map;
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
    Work work = new Work(terms);
    Map<String, Object> producer = Tuning.producer(terms);
    DefaultKafkaProducerFactory<byte[], byte[]> producers =
        new DefaultKafkaProducerFactory<>(producer);
    producers.setTransactionIdPrefix(terms.group() + "-");
    KafkaTemplate<byte[], byte[]> template = new KafkaTemplate<>(producers);
    ContainerProperties properties = new ContainerProperties(terms.source());
    properties.setKafkaAwareTransactionManager(new KafkaTransactionManager<>(producers));
    properties.setMessageListener(
        (BatchMessageListener<byte[], byte[]>)
            records ->
                records.forEach(
                    record ->
                        template.send(
                            new ProducerRecord<>(
                                terms.sink(),
                                null,
                                null,
                                record.key(),
                                work.transform(record.value()),
                                record.headers()))));
    Map<String, Object> consumer = Tuning.consumer(terms);
    new KafkaMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<byte[], byte[]>(consumer), properties)
        .start();
  }
}
