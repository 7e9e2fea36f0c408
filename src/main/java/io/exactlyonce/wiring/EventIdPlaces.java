package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.handler.EventIdFinder;
import java.util.List;
import org.apache.kafka.common.utils.Utils;

/** Makes the search for event ids from the configured places and the classes that they name. */
public final class EventIdPlaces {
  private EventIdPlaces() {}

  /**
   * The search of a pipeline, by its {@code guard.event-id}.
   *
   * @throws ConfigurationException where a class cannot be made, or is no {@link EventIdFinder}
   */
  static EventIds of(PipelineConfig config) {
    return of(config.key("guard.event-id"), config.guard().eventId());
  }

  /**
   * The search in the given places.
   *
   * @param setting name of the setting or option, for messages
   * @throws ConfigurationException where a place is none, or its class cannot be made or is no
   *     {@link EventIdFinder}
   */
  public static EventIds of(String setting, List<String> places) {
    for (String place : places) {
      if (!EventIds.isPlace(place)) {
        throw new ConfigurationException(setting, place, "is no " + EventIds.PLACES);
      }
    }
    return EventIds.of(places, name -> finder(setting, name));
  }

  private static EventIdFinder finder(String setting, String name) {
    Object made;
    try {
      made = Utils.newInstance(name, Object.class);
    } catch (ClassNotFoundException
        | RuntimeException
        | LinkageError e) { // such as a static initializer that throws
      throw new ConfigurationException(
          setting,
          "class:" + name,
          "cannot be made: "
              + e.getMessage()
              + "; name a class with a public constructor without arguments");
    }
    if (made instanceof EventIdFinder finder) {
      return finder;
    }
    throw new ConfigurationException(
        setting,
        "class:" + name,
        "does not implement " + EventIdFinder.class.getName() + "; name a class that does");
  }
}
