package io.exactlyonce.wiring.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * The Kafka clients of workers that are open now, for their metrics. A client is listed once it is
 * made and until it begins to close; one that takes the place of another (a producer that is made
 * anew) replaces it. Any thread calls it.
 */
public final class OpenClients {
  /**
   * One client's place. It has one client at a time, since its transactional id has.
   *
   * @param kind {@code consumer}, {@code producer}, {@code producer-a} or {@code producer-b}
   */
  public record Place(String pipeline, int worker, String kind) {}

  /**
   * @param metrics the client's own, by name; safe to be asked from any thread
   */
  public record Open(Place place, Supplier<Map<MetricName, ? extends Metric>> metrics) {}

  private final Map<Place, Open> open = new ConcurrentHashMap<>();

  /** Returns what takes it off the list, which does nothing where another has replaced it. */
  public Runnable add(Place place, Supplier<Map<MetricName, ? extends Metric>> metrics) {
    Open added = new Open(place, metrics);
    open.put(place, added);
    return () -> open.remove(place, added);
  }

  /** A copy. */
  public Collection<Open> all() {
    return List.copyOf(open.values());
  }
}
