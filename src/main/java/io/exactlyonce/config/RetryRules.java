package io.exactlyonce.config;

import io.exactlyonce.config.value.Delivery;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.Ordering;
import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.config.value.Units;
import java.time.Duration;
import java.util.List;

/** Checks of {@code retry.topics} against the other settings. */
final class RetryRules {
  private static final String KEY = "retry.topics";

  private RetryRules() {}

  static void check(PipelineConfig config) {
    List<RetryTopic> topics = config.retry().topics();
    if (topics.isEmpty()) {
      return;
    }
    String all = topics.stream().map(topic -> Units.shortest(topic.delay())).toList().toString();
    config.refuse(
        config.ordering() != Ordering.NONE,
        KEY,
        all,
        "lets later records overtake the one that waits; set ordering: none, or leave it out");
    config.refuse(
        config.delivery() == Delivery.AT_MOST_ONCE,
        KEY,
        all,
        "needs offsets that are committed after the handling; choose another delivery");
    config.refuse(
        topics.stream().distinct().count() < topics.size(),
        KEY,
        all,
        "names a delay twice; write each once");
    Duration sum = topics.stream().map(RetryTopic::delay).reduce(Duration.ZERO, Duration::plus);
    config.refuse(
        config.guard().store() != GuardChoice.OFF && sum.compareTo(config.guard().window()) >= 0,
        KEY,
        all,
        "together must be below guard.window ("
            + Units.shortest(config.guard().window())
            + "): a record that waits longer loses its claim to a duplicate");
    for (RetryTopic topic : topics) {
      config.refuse(
          config.source().contains(topic.name())
              || config.sinks().contains(topic.name())
              || config.deadLetters().equals(topic.name())
              || config.receipts().equals(topic.name()),
          KEY,
          all,
          "uses the topic " + topic.name() + ", which another setting names; rename one");
    }
  }
}
