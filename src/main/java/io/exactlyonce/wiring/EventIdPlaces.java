package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.handler.EventIdFinder;
import java.util.List;
import org.apache.kafka.common.utils.Utils;

/** Where event ids are looked for, with the classes that are named among them. */
public final class EventIdPlaces {
  private EventIdPlaces() {}

  /**
   * @throws ConfigurationException where a class cannot be made, or is none that finds event ids
   */
  static EventIds of(PipelineConfig config) {
    return of(config.key("guard.event-id"), config.guard().eventId());
  }

  /**
   * @param setting names the setting or option where a place cannot serve
   * @throws ConfigurationException where a class cannot be made, or is none that finds event ids,
   *     or where a place is none
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
        setting, "class:" + name, "is no " + EventIdFinder.class.getName() + "; name one");
  }
}
