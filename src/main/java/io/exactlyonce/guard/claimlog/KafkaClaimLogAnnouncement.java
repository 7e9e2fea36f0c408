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
 * know, from before the first producer is fenced until the generation is written. So no worker can
 * make producers that escape the fencing and then read the previous generation: it finds the
 * transaction open and waits for its end.
 *
 * @param id transactional id, one per group: of two announcers the later fences the other
 */
record KafkaClaimLogAnnouncement(LogOffsets offsets, String id, String receipts, Clock clock) {

  /**
   * Announces a generation.
   *
   * @param producer has the transactional id, and serves this call only; the caller closes it
   * @param newest reads the newest generation; called once no other announcement is open
   * @param next maps the newest generation to the one to announce
   * @param fence takes over the transactional ids of the group's workers
   * @return the generation that was announced
   * @throws GuardLostException where another announcer fenced this one
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
    // In every partition, since receipts have an order only within a partition.
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

  /** Aborts. All workers would wait for an open transaction until the broker's time-out. */
  private static void abort(Producer<byte[], byte[]> producer, RuntimeException because) {
    try {
      producer.abortTransaction();
    } catch (KafkaException e) {
      because.addSuppressed(e);
    }
  }
}
