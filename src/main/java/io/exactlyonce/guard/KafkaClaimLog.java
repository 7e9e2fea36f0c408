package io.exactlyonce.guard;

import io.exactlyonce.deadletter.At;
import io.exactlyonce.deadletter.Replayed;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import io.exactlyonce.receipt.SpanTable;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The claims of a group as its receipts and the source topics prove them: every record that a
 * receipt of the window accounts for, unless it lists it as a duplicate, holds the claim on its
 * event id, and of a dead letter that was replayed the record that took its claim over. Dead
 * letters do; records that an operator skipped are in no receipt and do not.
 *
 * <p>Each call opens its own clients and closes them. All throw a {@link
 * org.apache.kafka.common.KafkaException} where Kafka refuses or does not answer.
 */
public final class KafkaClaimLog implements ClaimLog {
  /**
   * @param transactionalPrefix what the ids of the pipeline's producers begin with: {@code
   *     <pipeline>.}
   * @param window how long a claim is held
   */
  public record Scope(
      String group,
      List<String> sources,
      String receipts,
      String transactionalPrefix,
      Duration window) {}

  private static final Logger LOG = LoggerFactory.getLogger(KafkaClaimLog.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int REPORT_EACH = 250_000;

  private final Supplier<Admin> admins;
  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final Scope scope;
  private final Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds;
  private final Clock clock;

  /**
   * @param consumers makes read_committed consumers without a group that reset to earliest
   * @param eventIds finds a record's event id as the pipeline does; null where it has none, or none
   *     that can be used
   */
  public KafkaClaimLog(
      Supplier<Admin> admins,
      Supplier<Consumer<byte[], byte[]>> consumers,
      Scope scope,
      Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds,
      Clock clock) {
    this.admins = admins;
    this.consumers = consumers;
    this.scope = scope;
    this.eventIds = eventIds;
    this.clock = clock;
  }

  @Override
  public boolean isEmpty() {
    try (Admin admin = admins.get()) {
      LogOffsets offsets = new LogOffsets(admin, PATIENCE);
      // Not by the group's offsets: they vanish where a group is idle for long, or is deleted.
      return offsets.latest(offsets.partitions(List.of(scope.receipts()))).values().stream()
          .allMatch(end -> end == 0);
    }
  }

  @Override
  public void fence() {
    try (Admin admin = admins.get()) {
      new KafkaClaimLogFence(new LogOffsets(admin, PATIENCE), scope.transactionalPrefix()).run();
    }
  }

  @Override
  public void replay(Sink sink) {
    try (Admin admin = admins.get();
        Consumer<byte[], byte[]> consumer = consumers.get()) {
      LogOffsets offsets = new LogOffsets(admin, PATIENCE);
      LogReader reader = new LogReader(consumer, PATIENCE);
      // Waits until what was fenced is decided everywhere; then the receipts are complete.
      offsets.committed(scope.group(), offsets.partitions(scope.sources()));
      Map<String, Uuid> topicIds = topicIds(offsets);
      KafkaClaimLogReceipts receipts = new KafkaClaimLogReceipts(scope, topicIds, offsets, reader);
      receipts.read(clock.millis() - scope.window().toMillis());
      replay(sink, topicIds, receipts, offsets, reader);
    }
  }

  private void replay(
      Sink sink,
      Map<String, Uuid> topicIds,
      KafkaClaimLogReceipts receipts,
      LogOffsets offsets,
      LogReader reader) {
    Map<TopicPartition, Long> from = new HashMap<>();
    Map<TopicPartition, Long> to = new HashMap<>();
    receipts.windows().forEach((partition, window) -> from.put(partition, window.from()));
    // Nothing can be read from before the beginning, and nothing has to be.
    offsets.earliest(from.keySet()).forEach((p, earliest) -> from.merge(p, earliest, Math::max));
    receipts.windows().forEach((partition, window) -> to.put(partition, window.table().end()));
    ClaimKey keys = new ClaimKey();
    Map<TopicPartition, SpanTable> tables = new HashMap<>();
    receipts.windows().forEach((partition, window) -> tables.put(partition, window.table()));
    ReplayedClaims replayed = new ReplayedClaims();
    long[] claims = {0};
    reader.read(
        from,
        to,
        record -> {
          TopicPartition partition = new TopicPartition(record.topic(), record.partition());
          byte[] id = eventIds.apply(record);
          if (id != null && tables.get(partition).holdsClaim(record.offset())) {
            Uuid topicId = topicIds.get(record.topic());
            byte[] position = Position.encode(topicId, record.partition(), record.offset());
            Replayed before = Replayed.of(record.headers());
            if (before == null) {
              sink.claim(keys.of(id), position);
            } else {
              replayed.add(keys.of(id), position, At.of(record), before.source());
            }
            if (++claims[0] % REPORT_EACH == 0) {
              LOG.info("{}: {} claims rebuilt so far", scope.group(), claims[0]);
            }
          }
          return true;
        });
    replayed.tell(sink);
  }

  private Map<String, Uuid> topicIds(LogOffsets offsets) {
    Map<String, TopicDescription> described = offsets.describe(scope.sources());
    Map<String, Uuid> ids = new HashMap<>();
    described.forEach((topic, description) -> ids.put(topic, description.topicId()));
    return ids;
  }
}
