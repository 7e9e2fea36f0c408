package io.exactlyonce.guard.claimlog;

import io.exactlyonce.guard.GuardLostException;
import io.exactlyonce.receipt.Generation;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.Receipts;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/**
 * The transaction that makes a generation the newest. It is open, under an id that all workers
 * know, from before the first producer is fenced until the generation is written. So there is no
 * moment in which a worker could make producers that are not fenced and still read the generation
 * before: it finds the transaction open and waits for its end.
 *
 * @param id of the transaction: one per group, so that of two announcers the later fences the other
 */
record KafkaClaimLogAnnouncement(LogOffsets offsets, String id, String receipts, Clock clock) {

  /**
   * @param producer of the id, and of nobody else; the caller's to close
   * @param newest what the log says once no other announcement is open
   * @param fence takes the ids of the group's producers over
   */
  String run(
      Producer<byte[], byte[]> producer,
      Supplier<String> newest,
      UnaryOperator<String> next,
      Runnable fence) {
    try {
      producer.initTransactions();
      String generation = next.apply(newest.get());
      producer.beginTransaction();
      try {
        write(producer, generation, fence);
      } catch (RuntimeException e) {
        abort(producer, e);
        throw e;
      }
      producer.commitTransaction();
      return generation;
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new GuardLostException("another instance announces a generation of claims");
    }
  }

  private void write(Producer<byte[], byte[]> producer, String generation, Runnable fence) {
    List<TopicPartition> partitions = offsets.partitions(List.of(receipts));
    // The broker shows the id as open once a record of the transaction is written.
    send(producer, partitions.get(0), List.of());
    producer.flush();
    fence.run();
    // Everywhere, since the order of receipts is known in one partition only.
    Receipt.Decision begins =
        new Receipt.Decision(generation, Generation.DONE, "the claims are rebuilt from the log");
    partitions.forEach(partition -> send(producer, partition, List.of(begins)));
    producer.flush();
  }

  private void send(
      Producer<byte[], byte[]> producer, TopicPartition to, List<Receipt.Decision> decisions) {
    long now = clock.millis();
    Receipt receipt = new Receipt(id, id, now, List.of(), new TreeMap<>(), decisions, "");
    byte[] key = id.getBytes(StandardCharsets.UTF_8);
    producer.send(
        new ProducerRecord<>(to.topic(), to.partition(), now, key, Receipts.write(receipt)));
  }

  /** What is left open would hold all workers up until the broker's time-out. */
  private static void abort(Producer<byte[], byte[]> producer, RuntimeException because) {
    try {
      producer.abortTransaction();
    } catch (KafkaException e) {
      because.addSuppressed(e);
    }
  }
}
