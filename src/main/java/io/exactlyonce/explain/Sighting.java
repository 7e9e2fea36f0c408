package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record of a source and its fate.
 *
 * @param eventId null where it has none, or the record is gone
 * @param why the reason for the fate, in words
 * @param other position to which the record led: the holder of a duplicate's event id, the dead
 *     letter, the replayed record, the record in a retry topic; null where there is none or it was
 *     not found
 * @param until when a record that waits is handled again; else null
 * @param steps what happened to it, in the order of time
 */
public record Sighting(
    RecordPosition position,
    @Nullable String eventId,
    Fate fate,
    String why,
    @Nullable RecordPosition other,
    @Nullable Instant until,
    List<Step> steps) {

  Sighting duplicateOf(RecordPosition holder) {
    return new Sighting(
        position, eventId, fate, "its event id is held by " + holder, holder, until, steps);
  }
}
