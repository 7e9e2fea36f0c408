package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.guard.GuardUnavailableException;
import io.exactlyonce.guard.Position;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What the guard's store says of an event, as a line beside what the log says.
 *
 * @param claims null where it is not to be asked
 */
record HeldClaim(Explain.@Nullable Claims claims, Log log) {

  /** Null where it was not asked, or there is no event id to ask for. */
  @Nullable String of(Collection<Sighting> sightings) {
    Sighting first = sightings.stream().findFirst().orElse(null);
    if (claims == null || first == null || first.eventId() == null) {
      return null;
    }
    try {
      return claims
          .find(first.eventId().getBytes(StandardCharsets.UTF_8))
          .map(held -> "held by " + holder(held, sightings))
          .orElse("none is held on " + first.eventId());
    } catch (GuardUnavailableException e) {
      return "not known: " + e.getMessage();
    }
  }

  private String holder(byte[] held, Collection<Sighting> sightings) {
    return sightings.stream()
        .map(Sighting::position)
        .filter(at -> Arrays.equals(held, encoded(at)))
        .map(RecordPosition::toString)
        .findFirst()
        .orElse("a record that is none of these");
  }

  private byte[] encoded(RecordPosition at) {
    return Position.encode(
        log.topicId(at.partition().topic()), at.partition().partition(), at.offset());
  }
}
