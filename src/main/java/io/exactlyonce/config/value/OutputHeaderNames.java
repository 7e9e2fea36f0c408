package io.exactlyonce.config.value;

/**
 * What an output's own headers are called; {@link #OFF}: it is written without.
 *
 * @param eventId its event id
 * @param sourcePosition the place of the record that it comes from
 */
public record OutputHeaderNames(String eventId, String sourcePosition) {
  public static final String OFF = "off";

  public static OutputHeaderNames standard() {
    return new OutputHeaderNames("event-id", "source-position");
  }

  public boolean hasEventId() {
    return !eventId.equals(OFF);
  }

  public boolean hasSourcePosition() {
    return !sourcePosition.equals(OFF);
  }
}
