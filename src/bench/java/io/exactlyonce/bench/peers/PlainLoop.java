package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Tuning;
import io.exactlyonce.bench.Work;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The usual at-least-once loop: poll, send, and each 100 ms flush and commit. */
public final class PlainLoop {
  private static final long COMMIT_NANOS = Duration.ofMillis(100).toNanos();

  private PlainLoop() {}

  public static void main(String[] args) {
    Terms terms = Terms.parse(args);
    Work work = new Work(terms);
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Tuning.consumer(terms));
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Tuning.producer(terms))) {
      consumer.subscribe(List.of(terms.source()));
      long committed = System.nanoTime();
      while (true) {
        for (var record : consumer.poll(Duration.ofMillis(10))) {
          byte[] value = work.transform(record.value());
          producer.send(
              new ProducerRecord<>(
                  terms.sink(), null, null, record.key(), value, record.headers()));
        }
        if (System.nanoTime() - committed > COMMIT_NANOS) {
          producer.flush();
          consumer.commitSync();
          committed = System.nanoTime();
        }
      }
    }
  }
}
