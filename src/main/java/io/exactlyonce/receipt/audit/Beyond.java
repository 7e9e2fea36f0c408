package io.exactlyonce.receipt.audit;

import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.audit.report.Finding;
import io.exactlyonce.receipt.audit.report.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Outputs and dead letters whose source offset is past the last receipt that was read. Beside a
 * running pipeline they may be of transactions that committed meanwhile, and then the group's
 * offset has passed their source. Those whose source it has not passed are findings.
 */
final class Beyond {
  private static final int MAX_KEPT = 10_000;

  private record Place(int partition, long offset, String where) {}

  private final ReceiptIndex index;
  private final AuditScope scope;
  private final LogOffsets offsets;
  private final Findings findings;
  private final Map<TopicPartition, Long> passed = new HashMap<>();
  private final List<Place> places = new ArrayList<>();

  Beyond(ReceiptIndex index, AuditScope scope, LogOffsets offsets, Findings findings) {
    this.index = index;
    this.scope = scope;
    this.offsets = offsets;
    this.findings = findings;
  }

  /**
   * Notes an output or a dead letter.
   *
   * @param where its own position
   */
  void add(int partition, long offset, String where) {
    if (offset >= passed.getOrDefault(index.partitions().get(partition), 0L)) {
      places.add(new Place(partition, offset, where));
      if (places.size() >= MAX_KEPT) {
        finish();
      }
    }
  }

  /**
   * Reports those whose source the group's offset has not passed. An output that was read is
   * committed, and an offset past its source with it, so an offset that is read later must be past
   * it.
   */
  void finish() {
    if (places.isEmpty()) {
      return;
    }
    passed.putAll(
        CommittedOffsets.read(offsets, scope.group(), index.partitions(), index.topicIds())
            .offsets());
    for (Place place : places) {
      long stands = passed.getOrDefault(index.partitions().get(place.partition()), 0L);
      if (place.offset() >= stands) {
        findings.add(
            Finding.Kind.UNACCOUNTED,
            place.where(),
            1,
            String.format(
                "comes from %s, but the group has committed only up to %d",
                index.position(place.partition(), place.offset()), stands));
      }
    }
    places.clear();
  }
}
