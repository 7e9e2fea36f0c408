package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record of a source and what became of it.
 *
 * @param eventId null where it has none, or the record is gone
 * @param why a sentence for people
 * @param other where it went on: the position that holds a duplicate's event id, the dead letter,
 *     the replayed record, the place in a retry topic; null where there is none or it was not found
 * @param until when a record that waits is handled again; else null
 * @param steps its time line
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
