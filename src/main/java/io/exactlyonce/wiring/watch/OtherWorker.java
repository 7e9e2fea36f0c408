package io.exactlyonce.wiring.watch;

import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.PartitionLag;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A worker of another instance, by the group's assignment and the receipts.
 *
 * @param worker its id
 * @param partitions that it owned at the last check of the lag
 * @param lastCommit when it handed its last transaction over for commit; null where none of its
 *     receipts was seen
 */
public record OtherWorker(String worker, List<String> partitions, @Nullable Instant lastCommit) {
  /**
   * The workers of other instances that own partitions.
   *
   * @param own ids of this instance's workers
   * @param commits time of the last commit, by worker
   */
  public static List<OtherWorker> of(GroupLag lag, Set<String> own, Map<String, Instant> commits) {
    Map<String, List<String>> owned = new TreeMap<>();
    for (PartitionLag part : lag.partitions()) {
      String owner = part.owner();
      if (owner != null && !owner.isEmpty() && !own.contains(owner)) {
        owned.computeIfAbsent(owner, id -> new ArrayList<>()).add(part.partition().toString());
      }
    }
    return owned.entrySet().stream()
        .map(
            entry ->
                new OtherWorker(
                    entry.getKey(), List.copyOf(entry.getValue()), commits.get(entry.getKey())))
        .toList();
  }
}
