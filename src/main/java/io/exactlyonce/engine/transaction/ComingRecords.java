package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import java.util.Iterator;
import org.apache.kafka.clients.consumer.Consumer;

/** Estimates how many records could still join an open transaction, for the worker's thread. */
record ComingRecords(Consumer<byte[], byte[]> consumer, Tracks tracks) {

  /**
   * Whether at least as many records could still join as the transaction holds. Waiting for that
   * many halves the cost of a commit per record; waiting for fewer only delays records. Counted are
   * records in flight and those behind the last one polled: with a cheap handler nothing is in
   * flight once a poll is sent, however long the backlog. A worker that keeps up has little of
   * either at any rate, and commits as often as {@code commit-floor} allows.
   */
  boolean isAsMuchAs(PendingTransaction open) {
    long coming = 0;
    for (Track track : tracks.all()) {
      coming += track.movingRecords();
    }
    Iterator<Track> sources = open.sources().iterator();
    while (coming < open.records() && sources.hasNext()) {
      Track track = sources.next();
      coming += track.isPaused() ? 0 : lag(track); // a paused partition brings none
    }
    return coming >= open.records();
  }

  /**
   * How many records follow the last one polled. Asked only of partitions that the transaction has
   * records of, and only until there are enough: with the {@code consumer} protocol each call is a
   * round trip to the client's background thread.
   */
  private long lag(Track track) {
    try {
      return consumer.currentLag(track.partition).orElse(0);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.POLL, e);
    }
  }
}
