package io.exactlyonce.cli;

import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.wiring.EventIdPlaces;
import java.util.List;
import picocli.CommandLine.Option;

/** Option for the places at which records carry their event id, as {@code guard.event-id}. */
final class EventIdOption {
  @Option(
      names = "--event-id",
      split = ",",
      paramLabel = "PLACE,...",
      defaultValue = "header:event-id,cloudevent",
      description = "As guard.event-id: " + EventIds.PLACES + ". Default: ${DEFAULT-VALUE}.")
  private List<String> places;

  /**
   * @throws io.exactlyonce.config.ConfigurationException where a place is none that is known
   */
  EventIds eventIds() {
    return EventIdPlaces.of("--event-id", places.stream().map(String::strip).toList());
  }
}
