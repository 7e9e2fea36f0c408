package io.exactlyonce.wiring.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * List of the workers' open Kafka clients, for their metrics. A client is listed from when it is
 * made until it begins to close; a producer that is made anew replaces the one before. Thread-safe.
 */
public final class OpenClients {
  /**
   * Place of a client. There is one client in it at a time.
   *
   * @param kind {@code consumer}, {@code producer}, {@code producer-a} or {@code producer-b}
   */
  public record Place(String pipeline, int worker, String kind) {}

  /**
   * A client in its place.
   *
   * @param metrics the client's own metrics by name; may be called from any thread
   */
  public record Open(Place place, Supplier<Map<MetricName, ? extends Metric>> metrics) {}

  private final Map<Place, Open> open = new ConcurrentHashMap<>();

  /**
   * Adds a client.
   *
   * @return a call that removes it, and does nothing where another has replaced it
   */
  public Runnable add(Place place, Supplier<Map<MetricName, ? extends Metric>> metrics) {
    Open added = new Open(place, metrics);
    open.put(place, added);
    return () -> open.remove(place, added);
  }

  /** The clients at this moment. */
  public Collection<Open> all() {
    return List.copyOf(open.values());
  }
}
