package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import java.util.Iterator;
import org.apache.kafka.clients.consumer.Consumer;

/** The records that could still join an open transaction. The worker's thread alone asks. */
record ComingRecords(Consumer<byte[], byte[]> consumer, Tracks tracks) {

  /**
   * Whether at least as many records could still join as it holds: waiting for them halves what a
   * record pays of the commit, and for fewer it only makes records late. Some are being handled,
   * others stand behind the last that was polled: with a cheap handler nothing is in flight once a
   * poll is sent, however long the backlog. Who keeps up has little of either, whatever the rate,
   * and commits at the floor.
   */
  boolean isAsMuchAs(PendingTransaction open) {
    long coming = 0;
    for (Track track : tracks.all()) {
      coming += track.movingRecords();
    }
    Iterator<Track> sources = open.sources().iterator();
    while (coming < open.records() && sources.hasNext()) {
      Track track = sources.next();
      coming += track.isPaused() ? 0 : lag(track); // what is paused brings nothing
    }
    return coming >= open.records();
  }

  /**
   * Asked only of partitions that the transaction has records of, and only until there are enough:
   * with the {@code consumer} protocol each is a round trip to the client's background thread.
   */
  private long lag(Track track) {
    try {
      return consumer.currentLag(track.partition).orElse(0);
    } catch (RuntimeException e) {
      throw TransactionFailure.of(Phase.POLL, e);
    }
  }
}
