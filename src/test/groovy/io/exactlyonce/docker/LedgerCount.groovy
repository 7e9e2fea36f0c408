package io.exactlyonce.docker

import groovy.transform.CompileStatic
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArrayDeserializer

import java.time.Duration

/** Counts the ledger's lines per payment of a load, by a plain read_committed reader. */
@CompileStatic
class LedgerCount {
  private static final int LINES = 2
  private static final long BOUND_NANOS = Duration.ofSeconds(120).toNanos()

  private final String servers
  private final int[] lines
  private int strange

  LedgerCount(String servers, int payments) {
    this.servers = servers
    lines = new int[payments + 1]
  }

  LedgerCount read() {
    def settings = ['bootstrap.servers': servers, 'isolation.level': 'read_committed'] as Map<String, Object>
    new KafkaConsumer<byte[], byte[]>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()).withCloseable { consumer ->
      def partitions = consumer.partitionsFor('ledger').collect { new TopicPartition(it.topic(), it.partition()) }
      consumer.assign(partitions)
      consumer.seekToBeginning(partitions)
      def ends = consumer.endOffsets(partitions)
      long deadline = System.nanoTime() + BOUND_NANOS
      while (partitions.any { consumer.position(it) < ends[it] }) {
        assert System.nanoTime() < deadline: 'the ledger was not read to its end'
        consumer.poll(Duration.ofMillis(200)).each { count(new String(it.headers().lastHeader('event-id').value())) }
      }
    }
    this
  }

  /** Event ids are run-number/line. */
  private void count(String eventId) {
    def matcher = eventId =~ /^\d+-(\d+)\/[01]$/
    int payment = matcher.matches() ? matcher.group(1) as int : 0
    if (payment < 1 || payment >= lines.length) {
      strange++
    } else {
      lines[payment]++
    }
  }

  int missing() {
    (1..<lines.length).count { int i -> lines[i] < LINES } as int
  }

  int repeated() {
    (1..<lines.length).count { int i -> lines[i] > LINES } as int
  }

  int strange() {
    strange
  }
}
