package io.exactlyonce.engine.intake;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.deadletter.Replayed;
import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.handling.Lanes;
import io.exactlyonce.engine.handling.OutputHeaders;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.engine.inflight.Track;
import io.exactlyonce.engine.inflight.Tracks;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.guard.ClaimBatch;
import io.exactlyonce.guard.ClaimKey;
import io.exactlyonce.guard.Position;
import io.exactlyonce.guard.RetryOrigin;
import java.util.BitSet;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Takes polled records in: claims each poll's records in one call, and hands them to the lanes once
 * the claims are answered, in the order of the polls. The claims of the next poll are under way
 * while the records of the last one are handled. The worker's thread alone calls it.
 */
public final class Intake {
  private final String group;
  private final Tracks tracks;
  private final BackPressure backPressure;
  private final Admission admission;
  private final ClaimQueue claims;
  private final Lanes lanes;
  private final PipelineCounters counters;
  private final ClaimKey claimKey = new ClaimKey();

  public Intake(
      String group,
      Tracks tracks,
      BackPressure backPressure,
      Admission admission,
      ClaimQueue claims,
      Lanes lanes,
      PipelineCounters counters) {
    this.group = group;
    this.tracks = tracks;
    this.backPressure = backPressure;
    this.admission = admission;
    this.claims = claims;
    this.lanes = lanes;
    this.counters = counters;
  }

  /**
   * Takes in the records of a poll and queues them for their claims.
   *
   * @throws TransactionFailure where a partition went back without a rewind
   */
  public void accept(ConsumerRecords<byte[], byte[]> all, long now) {
    WaitingPoll poll = new WaitingPoll();
    for (TopicPartition partition : all.partitions()) {
      Track track = requireNonNull(tracks.get(partition));
      List<ConsumerRecord<byte[], byte[]>> records = all.records(partition);
      refuseStepBack(track, records.get(0));
      PolledRecords polled = backPressure.take(track, records, now);
      if (polled.size() == 0) {
        continue;
      }
      polled.topicId = track.topicId();
      polled.lineage = OutputHeaders.lineage(polled.topicId, group);
      counters.read.add(polled.size());
      poll.tracks.add(track);
      poll.polled.add(polled);
      addClaims(track, polled, poll.claims);
    }
    all.nextOffsets()
        .forEach(
            (partition, next) -> {
              Track track = tracks.get(partition);
              if (track != null) {
                track.polledTo(next);
              }
            });
    if (!poll.polled.isEmpty()) {
      claims.add(poll);
    }
  }

  /**
   * Refuses records before the track's position. Without a rewind a partition goes back only where
   * its topic was recreated or its log was cut, so its position is looked up before any of these
   * records is handled.
   */
  private static void refuseStepBack(Track track, ConsumerRecord<byte[], byte[]> first) {
    if (first.offset() < track.read()) {
      throw new TransactionFailure(
          Phase.POLL,
          Reaction.ABORT_AND_REWIND,
          new IllegalStateException(
              track.partition
                  + " went back from offset "
                  + track.read()
                  + " to "
                  + first.offset()
                  + ": its topic was recreated or its log was truncated"));
    }
  }

  private void addClaims(Track track, PolledRecords polled, ClaimBatch batch) {
    for (int i = 0; i < polled.size(); i++) {
      ConsumerRecord<byte[], byte[]> record = polled.record(i);
      polled.eventIds[i] = admission.eventId(record);
      polled.verdicts[i] = admission.verdict(polled.eventIds[i]);
      if (admission.isGuarded(polled, i)) {
        RetryOrigin origin = polled.origin(i);
        batch.add(
            claimKey.of(polled.eventIds[i]),
            origin == null
                ? Position.encode(track.topicId(), record.partition(), record.offset())
                : origin.claim());
        Replayed replayed = origin == null ? Replayed.of(record.headers()) : null;
        if (replayed != null) {
          batch.replayed(replayed);
        }
      }
    }
  }

  private void dispatch(WaitingPoll poll, BitSet duplicates) {
    int claim = 0;
    for (int c = 0; c < poll.polled.size(); c++) {
      PolledRecords polled = poll.polled.get(c);
      for (int i = 0; i < polled.size(); i++) {
        if (admission.isGuarded(polled, i) && duplicates.get(claim++)) {
          polled.verdicts[i] = PolledRecords.Verdict.DUPLICATE;
        }
      }
      if (!polled.isDropped()) {
        lanes.dispatch(poll.tracks.get(c), polled);
      }
    }
  }

  /** Hands the records of answered polls to the lanes, as {@link ClaimQueue#admit} says. */
  public void admit(long now) {
    claims.admit(now, this::dispatch);
  }

  /** Makes all claims that are waited for again, after the guard was renewed. */
  public void claimAllAgain() {
    claims.claimAllAgain();
  }

  /** Drops all polls, after a rewind: their records are read again and must not be handed over. */
  public void clear() {
    claims.clear();
  }

  /**
   * True while so many polls wait for their claims that polling again would only lengthen the
   * queue.
   */
  public boolean isAhead() {
    return claims.isAhead();
  }

  public boolean isWaitingForClaims() {
    return claims.isWaiting();
  }

  /** Why polls are held back or handled without the guard; empty where they are not. */
  public String trouble() {
    return claims.trouble();
  }
}
