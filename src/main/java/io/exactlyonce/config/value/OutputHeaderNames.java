package io.exactlyonce.config.value;

/**
 * Names of the headers that the engine adds to an output; {@link #OFF}: the header is not added.
 *
 * @param eventId of the header with the output's event id
 * @param sourcePosition of the header with the position of the record that it comes from
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
