package io.exactlyonce.engine.intake;

import io.exactlyonce.config.PipelineConfig.GuardConfig;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.OnMissingId;
import io.exactlyonce.engine.inflight.PolledRecords;
import io.exactlyonce.eventid.EventIds;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Decides by its event id whether a record is admitted, before the guard is asked.
 *
 * @param guarded whether the pipeline has a guard
 * @param onMissingId what becomes of a record without an event id, where there is a guard
 */
public record Admission(EventIds ids, boolean guarded, OnMissingId onMissingId) {

  public static Admission of(GuardConfig config, EventIds ids) {
    return new Admission(ids, config.store() != GuardChoice.OFF, config.onMissingId());
  }

  byte @Nullable [] eventId(ConsumerRecord<byte[], byte[]> record) {
    return ids.find(record);
  }

  PolledRecords.Verdict verdict(byte @Nullable [] eventId) {
    if (eventId != null) {
      return EventIds.isUsable(eventId)
          ? PolledRecords.Verdict.ADMITTED
          : PolledRecords.Verdict.BAD_EVENT_ID;
    }
    return guarded && onMissingId == OnMissingId.DEAD_LETTER
        ? PolledRecords.Verdict.NO_EVENT_ID
        : PolledRecords.Verdict.ADMITTED;
  }

  /**
   * Whether a claim is made for the record; asked before the answer to the claim changes its
   * verdict.
   */
  boolean isGuarded(PolledRecords polled, int index) {
    return guarded
        && polled.eventIds[index] != null
        && polled.verdicts[index] == PolledRecords.Verdict.ADMITTED;
  }
}
