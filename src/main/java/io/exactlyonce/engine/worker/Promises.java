package io.exactlyonce.engine.worker;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.guard.GuardRenewedException;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records whose offsets {@code at-most-once} commits before they are handled. They cannot be read
 * again, so they are handled to their end before they are let go; those that are not are counted
 * and logged here, since no receipt lists them. Other deliveries have none. The worker's thread
 * alone calls it.
 */
record Promises(Drain drain, Guard guard, PipelineCounters counters) {
  private static final Logger LOG = LoggerFactory.getLogger(Promises.class);

  /** Commits what was taken in of these partitions; what was given back is read again. */
  void make(Collection<TopicPartition> polled) {
    List<Track> taken = drain.session().commitsFirst() ? drain.tracks().of(polled) : List.of();
    if (!taken.isEmpty()) {
      drain
          .session()
          .prepareHandling(
              taken.stream().collect(Collectors.toMap(t -> t.partition, t -> t.offset(t.read()))));
      taken.forEach(Track::promise);
    }
  }

  /**
   * Handles all promised records and writes their outputs, before a rewind, which would drop them.
   * Outputs that failed are not sent twice.
   */
  void keep(TransactionFailure e) {
    if (!drain.session().commitsFirst()) {
      return;
    }
    drain.tracks().all().forEach(Track::dropUnpromised);
    try {
      if (e.getCause() instanceof GuardRenewedException) {
        Recovery.adopt(guard);
        drain.intake().claimAllAgain();
      }
      if (e.phase() == Phase.SEND) {
        lose(drain.tracks().all(), "some of their outputs were not written: " + e.getMessage());
        drain.tracks().all().forEach(Track::giveUpSent);
        drain.transactions().discard();
        drain.session().recover(Reaction.REBUILD_PRODUCERS);
      }
      drain.tryAll();
    } catch (TransactionFailure again) {
      LOG.warn("{}: {}", drain.worker(), again.getMessage());
    }
  }

  /** Handles the promised records of lost partitions: their new owners go on behind them. */
  void keepLost(Collection<TopicPartition> lost) {
    if (drain.session().commitsFirst()) {
      try {
        drain.run(lost);
      } catch (TransactionFailure e) {
        LOG.warn("{}: {}", drain.worker(), e.getMessage());
      }
    }
  }

  /** Counts and logs what is not handled. To be called before the tracks drop what is in flight. */
  void lose(Collection<Track> letGo, String why) {
    List<Track> unkept =
        drain.session().commitsFirst()
            ? letGo.stream().filter(track -> track.unkeptRecords() > 0).toList()
            : List.of();
    if (unkept.isEmpty()) {
      return;
    }
    int records = unkept.stream().mapToInt(Track::unkeptRecords).sum();
    counters.lost.add(records);
    LOG.error(
        "{}: {} records are lost by delivery at-most-once: committed, but not handled to their end,"
            + " {}: {}",
        drain.worker(),
        records,
        why,
        unkept.stream().map(Track::unkept).sorted().collect(Collectors.joining(", ")));
  }
}
