package io.exactlyonce.bench.peers;

import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.CommitMode;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Tuning;
import io.exactlyonce.bench.Work;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Confluent's Parallel Consumer in its transactional mode. */
public final class ParallelConsumer {
  private ParallelConsumer() {}

  public static void main(String[] args) {
    Terms terms = Terms.parse(args);
    Work work = new Work(terms);
    ParallelStreamProcessor<byte[], byte[]> processor =
        ParallelStreamProcessor.createEosStreamProcessor(
            ParallelConsumerOptions.<byte[], byte[]>builder()
                .consumer(new KafkaConsumer<>(Tuning.consumer(terms)))
                .producer(new KafkaProducer<>(Tuning.transactional(terms)))
                .commitMode(CommitMode.PERIODIC_TRANSACTIONAL_PRODUCER)
                .commitInterval(Duration.ofMillis(100))
                .commitLockAcquisitionTimeout(Duration.ofSeconds(60))
                .ordering(ProcessingOrder.valueOf(terms.get("ordering", "key").toUpperCase()))
                .maxConcurrency(terms.concurrency() == 1 ? 256 : terms.concurrency())
                .build());
    processor.subscribe(List.of(terms.source()));
    processor.pollAndProduce(
        context -> {
          var record = context.getSingleConsumerRecord();
          return new ProducerRecord<>(
              terms.sink(),
              null,
              null,
              record.key(),
              work.transform(record.value()),
              record.headers());
        });
  }
}
