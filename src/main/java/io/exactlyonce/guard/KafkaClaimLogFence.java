package io.exactlyonce.guard;

import io.exactlyonce.receipt.LogOffsets;
import java.util.List;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the transactional ids of a pipeline over, so that whatever its producers have open aborts
 * and they can begin nothing more: they start anew, and claim anew.
 *
 * <p>The prefix ends in a dot, which no pipeline's name holds: {@code payments.} is not the
 * beginning of an id of {@code payments-eu}.
 */
record KafkaClaimLogFence(LogOffsets offsets, String prefix) {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaClaimLogFence.class);
  private static final int MOST_ATTEMPTS = 5;

  /** A worker's number and its producer's side: see {@code <pipeline>.<instance>-<worker>-a}. */
  private static final String WORKER = ".*-\\d+-[ab]";

  void run() {
    for (int attempt = 1; ; attempt++) {
      try {
        fence();
        return;
      } catch (KafkaException e) {
        if (attempt == MOST_ATTEMPTS || !(e instanceof RetriableException)) {
          throw e;
        }
        LOG.warn("producers {}* are not fenced yet, again: {}", prefix, e.toString());
      }
    }
  }

  private void fence() {
    List<String> ids =
        offsets.get(offsets.admin().listTransactions().all()).stream()
            .map(TransactionListing::transactionalId)
            .filter(id -> id.startsWith(prefix) && id.substring(prefix.length()).matches(WORKER))
            .toList();
    if (!ids.isEmpty()) {
      offsets.get(offsets.admin().fenceProducers(ids).all());
    }
    LOG.info("fenced {} producers {}*", ids.size(), prefix);
  }
}
