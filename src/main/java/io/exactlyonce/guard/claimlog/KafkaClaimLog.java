package io.exactlyonce.guard.claimlog;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.Replayed;
import io.exactlyonce.guard.ClaimKey;
import io.exactlyonce.guard.ClaimLog;
import io.exactlyonce.guard.GuardLostException;
import io.exactlyonce.guard.MissingClaims;
import io.exactlyonce.guard.Position;
import io.exactlyonce.guard.claimlog.KafkaClaimLogReceipts.Source;
import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The claims of a group as its receipts and the source topics prove them. A record holds the claim
 * on its event id if a receipt of the window accounts for it other than as a duplicate; where it
 * became a dead letter that was replayed, the replayed record holds the claim instead. Dead letters
 * hold claims, and records that an operator skipped. Records that a tool set the group's offset
 * past are in no receipt and hold none.
 *
 * <p>Claims whose records are gone are counted: see {@link MissingClaims}.
 *
 * <p>Each call opens its own clients and closes them. All throw a {@link
 * org.apache.kafka.common.KafkaException} where Kafka refuses or does not answer.
 */
public final class KafkaClaimLog implements ClaimLog {
  /**
   * The group whose claims are read, and its settings.
   *
   * @param transactionalPrefix beginning of the transactional ids of this pipeline's workers:
   *     {@code <pipeline>.}; the workers of other pipelines in the group are found by its receipts
   *     and members
   * @param window how long a claim is held
   * @param idsAreRequired whether a record without an event id became a dead letter
   * @param refusesMissing whether a rebuild fails while claims are missing
   */
  public record Scope(
      String group,
      List<String> sources,
      String receipts,
      String transactionalPrefix,
      Duration window,
      boolean idsAreRequired,
      boolean refusesMissing) {}

  /**
   * Factories of the clients.
   *
   * @param committed read_committed consumers without a group that reset to earliest
   * @param uncommitted read_uncommitted consumers, otherwise the same
   * @param announcers producers of the transactional id {@link #announcerId}
   */
  public record Clients(
      Supplier<Admin> admins,
      Supplier<Consumer<byte[], byte[]>> committed,
      Supplier<Consumer<byte[], byte[]>> uncommitted,
      Supplier<Producer<byte[], byte[]>> announcers) {}

  /** Finds a record's event id, and the position that it claims by, as the pipeline does. */
  public interface Claimants {
    /** The event id; null where the record has none, or none that can be used. */
    byte @Nullable [] eventId(ConsumerRecord<byte[], byte[]> record);

    /** The source's position by which a record of a retry topic claims; null for other records. */
    byte @Nullable [] origin(ConsumerRecord<byte[], byte[]> record);
  }

  private static final Logger LOG = LoggerFactory.getLogger(KafkaClaimLog.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration BETWEEN_REFUSALS = Duration.ofMinutes(1);
  private static final int REPORT_EACH = 250_000;

  private final Clients clients;
  private final Scope scope;
  private final Claimants claimants;
  private final Clock clock;
  private volatile MissingClaims missing = MissingClaims.NONE;
  private volatile long rebuiltAt;

  public KafkaClaimLog(Clients clients, Scope scope, Claimants claimants, Clock clock) {
    this.clients = clients;
    this.scope = scope;
    this.claimants = claimants;
    this.clock = clock;
  }

  /** The transactional id under which a group's generations of claims are announced. */
  public static String announcerId(String group) {
    return group + ":generation";
  }

  /**
   * Checks the receipts, since the broker deletes the offsets of a group that is idle for long or
   * is deleted; and the offsets, since the receipts' topic may have been recreated.
   */
  @Override
  public boolean isEmpty() {
    try (BoundedClose<Admin> admin = BoundedClose.of(clients.admins().get());
        BoundedClose<Consumer<byte[], byte[]>> consumer =
            BoundedClose.of(clients.committed().get())) {
      LogOffsets offsets = new LogOffsets(admin.client(), PATIENCE);
      LogReader reader = new LogReader(consumer.client(), PATIENCE);
      return new KafkaClaimLogReceipts(scope.receipts(), offsets, reader).isEmpty()
          && offsets.committed(scope.group(), offsets.partitions(scope.sources())).isEmpty();
    }
  }

  @Override
  public String newest() {
    try (BoundedClose<Admin> admin = BoundedClose.of(clients.admins().get())) {
      return newest(new LogOffsets(admin.client(), PATIENCE)).read().generation();
    }
  }

  @Override
  public String unguarded() {
    try (BoundedClose<Admin> admin = BoundedClose.of(clients.admins().get())) {
      return newest(new LogOffsets(admin.client(), PATIENCE)).read().unguarded();
    }
  }

  private KafkaClaimLogNewest newest(LogOffsets offsets) {
    return new KafkaClaimLogNewest(
        offsets,
        clients.committed(),
        clients.uncommitted(),
        announcerId(scope.group()),
        scope.receipts());
  }

  @Override
  public String announce(UnaryOperator<String> next) {
    // For a minute after a refused rebuild others are refused too: each reads the whole window.
    if (clock.millis() - rebuiltAt < BETWEEN_REFUSALS.toMillis()) {
      maybeRefuse();
    }
    String id = announcerId(scope.group());
    try (BoundedClose<Admin> admin = BoundedClose.of(clients.admins().get());
        BoundedClose<Producer<byte[], byte[]>> producer =
            BoundedClose.of(clients.announcers().get())) {
      LogOffsets offsets = new LogOffsets(admin.client(), PATIENCE);
      String generation =
          new KafkaClaimLogAnnouncement(offsets, id, scope.receipts(), clock)
              .run(
                  producer.client(),
                  () -> newest(offsets).read().generation(),
                  next,
                  () -> fence(offsets));
      LOG.info("{}: generation {} of the claims is announced", scope.group(), generation);
      return generation;
    }
  }

  private void fence(LogOffsets offsets) {
    new KafkaClaimLogFence(offsets, scope.group(), scope.receipts(), scope.transactionalPrefix())
        .run();
  }

  @Override
  public MissingClaims missing() {
    MissingClaims known = missing;
    boolean hasPassed = clock.millis() - known.millis() > scope.window().toMillis();
    return hasPassed ? MissingClaims.NONE : known;
  }

  @Override
  public void know(MissingClaims byAnother) {
    missing = byAnother;
  }

  @Override
  public void replay(Sink sink) {
    long cutoff = clock.millis() - scope.window().toMillis();
    try (BoundedClose<Admin> admin = BoundedClose.of(clients.admins().get());
        BoundedClose<Consumer<byte[], byte[]>> consumer =
            BoundedClose.of(clients.committed().get())) {
      LogOffsets offsets = new LogOffsets(admin.client(), PATIENCE);
      LogReader reader = new LogReader(consumer.client(), PATIENCE);
      KafkaClaimLogReceipts receipts = new KafkaClaimLogReceipts(scope.receipts(), offsets, reader);
      boolean isCut = receipts.read(cutoff);
      SourceReading sources = new SourceReading(offsets, receipts.sources());
      sources.locate();
      if (isCut) {
        sources.extend(scope.group(), scope.sources(), cutoff);
      }
      read(sources, reader, isCut ? cutoff : Long.MAX_VALUE, sink);
      rebuiltAt = clock.millis();
      missing = sources.missing(rebuiltAt);
    }
    if (!missing.isEmpty()) {
      LOG.warn("{}: {}; {}", scope.group(), missing, MissingClaims.REMEDY);
    }
    maybeRefuse();
  }

  private void maybeRefuse() {
    if (scope.refusesMissing() && !missing.isEmpty()) {
      throw new GuardLostException(
          missing
              + "; guard.on-incomplete-rebuild is refuse: wait until guard.window has passed them,"
              + " or go on without them by rebuild-guard with"
              + " -P pipelines.<name>.guard.on-incomplete-rebuild=warn");
    }
  }

  /**
   * Reads the source records, passes their claims to the sink, and counts those that it cannot
   * prove.
   *
   * @param receiptsSince in ms since the epoch: a record of this time or later that no receipt
   *     accounts for is counted as one whose receipt is missing
   */
  private void read(SourceReading sources, LogReader reader, long receiptsSince, Sink sink) {
    ClaimKey keys = new ClaimKey();
    ReplayedClaims replayed = new ReplayedClaims();
    long[] claims = {0};
    reader.read(
        sources.from(),
        sources.to(),
        record -> {
          Map.Entry<Source, SourceClaims> source = sources.source(record);
          byte[] id = claimants.eventId(record);
          SourceClaims.Verdict verdict = source.getValue().meet(record.offset());
          if (verdict == SourceClaims.Verdict.UNKNOWN) {
            if (id != null && record.timestamp() >= receiptsSince) {
              source.getValue().postNoReceipt(record.offset());
            }
          } else if (verdict == SourceClaims.Verdict.CLAIM && id == null) {
            if (scope.idsAreRequired()) {
              source.getValue().postNoId(record.offset());
            }
          } else if (verdict == SourceClaims.Verdict.CLAIM && id != null) {
            claim(sources, source.getKey(), record, keys.of(id), sink, replayed);
            if (++claims[0] % REPORT_EACH == 0) {
              LOG.info("{}: {} claims rebuilt so far", scope.group(), claims[0]);
            }
          }
          return true;
        });
    replayed.tell(sink);
  }

  private void claim(
      SourceReading sources,
      Source source,
      ConsumerRecord<byte[], byte[]> record,
      byte[] key,
      Sink sink,
      ReplayedClaims replayed) {
    byte[] origin = claimants.origin(record);
    byte[] position =
        origin != null
            ? origin
            : Position.encode(source.topicId(), record.partition(), record.offset());
    Replayed before = origin == null ? Replayed.of(record.headers()) : null;
    if (before == null) {
      sink.claim(key, position);
    } else {
      replayed.add(key, position, sources.position(before, RecordPosition.of(record)));
    }
  }
}
