package io.exactlyonce.lag;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;

/** Parts of a group that could not be measured at one check, by the reason. */
final class Unmeasured {
  private static final int MAX_NAMED = 3;

  private final Map<String, List<String>> byReason = new LinkedHashMap<>();

  void add(Object what, String reason) {
    byReason.computeIfAbsent(reason, r -> new ArrayList<>()).add(String.valueOf(what));
  }

  /**
   * Adds a part that a failed request leaves unmeasured.
   *
   * @param asked name of the broker that should have answered
   */
  void add(Object what, String asked, KafkaException failure) {
    boolean isSilent =
        failure instanceof TimeoutException || failure instanceof DisconnectException;
    add(what, isSilent ? asked + " does not answer" : asked + " answers: " + failure.getMessage());
  }

  /** A broker as it is named in messages. */
  static String name(Node broker) {
    return "Kafka broker " + broker.id() + " at " + broker.host() + ":" + broker.port();
  }

  @Override
  public String toString() {
    return byReason.entrySet().stream()
        .map(entry -> named(entry.getValue()) + ": " + entry.getKey())
        .collect(Collectors.joining("; "));
  }

  private static String named(List<String> what) {
    String first = what.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
    int more = what.size() - MAX_NAMED;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
