package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Tuning;
import io.exactlyonce.bench.Work;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The loop of most tutorials: each poll is a transaction. */
public final class TransactionPerPoll {
  private TransactionPerPoll() {}

  public static void main(String[] args) {
    Terms terms = Terms.parse(args);
    Work work = new Work(terms);
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Tuning.consumer(terms));
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Tuning.transactional(terms))) {
      producer.initTransactions();
      consumer.subscribe(List.of(terms.source()));
      while (true) {
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofMillis(10));
        if (polled.isEmpty()) {
          continue;
        }
        producer.beginTransaction();
        for (var record : polled) {
          byte[] value = work.transform(record.value());
          producer.send(
              new ProducerRecord<>(
                  terms.sink(), null, null, record.key(), value, record.headers()));
        }
        // As the better tutorials have it: without the flush the offsets wait for the last commit.
        producer.flush();
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>(polled.nextOffsets());
        producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
        producer.commitTransaction();
      }
    }
  }
}
