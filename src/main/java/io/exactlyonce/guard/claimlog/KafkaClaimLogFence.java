package io.exactlyonce.guard.claimlog;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.LogOffsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the transactional ids of a group's workers. Their open transactions abort, and their
 * producers can begin no others; the workers make new producers and claim again.
 *
 * <p>A transactional id begins with the pipeline's name, and a group may hold pipelines of several
 * names: two that share it, or one that was renamed while a process of the old name still runs. So
 * a worker belongs to the group by any of three signs: its id begins with this pipeline's name, it
 * has written receipts of the group, or it is a member of the group. The last one finds workers
 * that have committed nothing yet.
 *
 * @param prefix beginning of the ids of this pipeline. It ends in a dot, which no pipeline's name
 *     holds: {@code payments.} is not the beginning of an id of {@code payments-eu}.
 */
record KafkaClaimLogFence(LogOffsets offsets, String group, String receipts, String prefix) {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaClaimLogFence.class);
  private static final int MAX_ATTEMPTS = 5;

  /** A worker and its producer's side: {@code <pipeline>.<instance>-<worker>-a}. */
  private static final Pattern ID = Pattern.compile("(.*-\\d+)-[ab]");

  void run() {
    for (int attempt = 1; ; attempt++) {
      try {
        fence();
        return;
      } catch (KafkaException e) {
        if (attempt == MAX_ATTEMPTS || !(e instanceof RetriableException)) {
          throw e;
        }
        LOG.warn("{}: fencing its producers failed and is tried again: {}", group, e.toString());
      }
    }
  }

  private void fence() {
    // Members first: one that joins after this finds no generation to claim under.
    Set<String> members = members();
    Set<Long> writers = writers();
    // By worker and not by id: one of its two producers may not have written a receipt yet.
    Map<String, List<TransactionListing>> workers =
        offsets.get(offsets.admin().listTransactions().all()).stream()
            .filter(listing -> ID.matcher(listing.transactionalId()).matches())
            .collect(Collectors.groupingBy(listing -> worker(listing.transactionalId())));
    Set<String> found = new HashSet<>();
    workers.forEach(
        (worker, ids) -> {
          if (worker.startsWith(prefix)
              || ids.stream().anyMatch(id -> writers.contains(id.producerId()))) {
            found.add(worker);
          }
        });
    // Workers of two groups can have one client id (a-b of c, a of b-c). So a member whose worker
    // is found already is not looked for by its client id.
    found.forEach(worker -> members.remove(clientId(worker)));
    workers.keySet().stream()
        .filter(worker -> members.contains(clientId(worker)))
        .forEach(found::add);
    List<String> ids =
        found.stream()
            .flatMap(worker -> requireNonNull(workers.get(worker)).stream())
            .map(TransactionListing::transactionalId)
            .toList();
    if (!ids.isEmpty()) {
      offsets.get(offsets.admin().fenceProducers(ids).all());
    }
    LOG.info("{}: fenced {} producers of {} workers", group, ids.size(), found.size());
  }

  /** The client ids of the group's members. */
  private Set<String> members() {
    try {
      var groups = offsets.get(offsets.admin().describeConsumerGroups(List.of(group)).all());
      return requireNonNull(groups.get(group)).members().stream()
          .map(MemberDescription::clientId)
          .collect(Collectors.toCollection(HashSet::new));
    } catch (GroupIdNotFoundException e) {
      return new HashSet<>();
    }
  }

  /** The ids of producers that the leaders of the receipts' partitions remember. */
  private Set<Long> writers() {
    return offsets
        .get(offsets.admin().describeProducers(offsets.partitions(List.of(receipts))).all())
        .values()
        .stream()
        .flatMap(partition -> partition.activeProducers().stream())
        .map(ProducerState::producerId)
        .collect(Collectors.toSet());
  }

  private static String worker(String id) {
    Matcher matcher = ID.matcher(id);
    return matcher.matches() ? matcher.group(1) : id;
  }

  /**
   * The worker's client id. The configuration makes it of the same parts, with a dash in the place
   * of the first dot, which ends the pipeline's name.
   */
  private static String clientId(String worker) {
    return worker.replaceFirst("\\.", "-");
  }
}
