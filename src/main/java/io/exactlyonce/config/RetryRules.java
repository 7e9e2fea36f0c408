package io.exactlyonce.config;

import static io.exactlyonce.config.ConfigRules.refuse;

import io.exactlyonce.config.value.Delivery;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.Ordering;
import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.config.value.Units;
import java.time.Duration;
import java.util.List;

/** What retry topics ask of the other settings. */
final class RetryRules {
  private static final String KEY = "retry.topics";

  private RetryRules() {}

  static void check(PipelineConfig config) {
    List<RetryTopic> topics = config.retry().topics();
    if (topics.isEmpty()) {
      return;
    }
    String all = topics.stream().map(topic -> Units.shortest(topic.delay())).toList().toString();
    refuse(
        config.ordering() != Ordering.NONE,
        config,
        KEY,
        all,
        "lets later records overtake the one that waits; set ordering: none, or leave it out");
    refuse(
        config.delivery() == Delivery.AT_MOST_ONCE,
        config,
        KEY,
        all,
        "needs offsets that are committed after the handling; choose another delivery");
    refuse(
        topics.stream().distinct().count() < topics.size(),
        config,
        KEY,
        all,
        "names a delay twice; write each once");
    Duration sum = topics.stream().map(RetryTopic::delay).reduce(Duration.ZERO, Duration::plus);
    refuse(
        config.guard().store() != GuardChoice.OFF && sum.compareTo(config.guard().window()) >= 0,
        config,
        KEY,
        all,
        "together must be below guard.window ("
            + Units.shortest(config.guard().window())
            + "): a record that waits longer loses its claim to a duplicate");
    for (RetryTopic topic : topics) {
      refuse(
          config.source().contains(topic.name())
              || config.sinks().contains(topic.name())
              || config.deadLetters().equals(topic.name())
              || config.receipts().equals(topic.name()),
          config,
          KEY,
          all,
          "uses the topic " + topic.name() + ", which another setting names; rename one");
    }
  }
}
