package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.When;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.ReplayFilter;
import io.exactlyonce.deadletter.ReplayScope;
import io.exactlyonce.eventid.EventIds;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that select dead letters, the same for listing and replaying. */
final class LetterOptions {
  @Mixin private ReadingOptions reading = new ReadingOptions();

  @Option(names = "--group", required = true, description = "The pipeline's consumer group.")
  private String group;

  @Option(names = "--dead-letters", description = "Default: <group>.dead-letters.")
  private Optional<String> deadLetters;

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      description = "Letters written since an instant (2026-11-01T00:00:00Z) or a time ago (PT1H).")
  private Optional<String> since;

  @Option(
      names = "--until",
      paramLabel = "WHEN",
      description = "Letters written before an instant or a time ago, as for --since.")
  private Optional<String> until;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Letters whose reason holds this text, in whatever case; repeat it.")
  private List<String> reasons = List.of();

  @Option(
      names = "--exception",
      split = ",",
      paramLabel = "CLASS,...",
      description = "Letters of these exceptions, with or without the package.")
  private List<String> exceptions = List.of();

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The letter of this event id; repeat it.")
  private List<String> ids = List.of();

  @Option(
      names = "--position",
      split = ",",
      paramLabel = "TOPIC-PARTITION@OFFSET,...",
      description = "Letters at these positions, or that came from these positions.")
  private List<String> positions = List.of();

  @Option(
      names = "--partition",
      split = ",",
      paramLabel = "TOPIC-PARTITION,...",
      description = "Letters whose records came from these partitions of the sources.")
  private List<String> partitions = List.of();

  @Mixin private EventIdOption eventId = new EventIdOption();

  /**
   * The cluster, after it has answered.
   *
   * @throws CommandFailure where it does not answer, or an option is wrong
   */
  Cluster reach(Map<String, String> environment) throws CommandFailure {
    return reading.reach(environment);
  }

  ReplayScope scope() {
    return new ReplayScope(group, deadLetters.orElse(group + ".dead-letters"), reading.patience());
  }

  EventIds eventIds() {
    return eventId.eventIds();
  }

  ReplayFilter filter(Clock clock) throws CommandFailure {
    Set<RecordPosition> places = new HashSet<>();
    for (String text : positions) {
      places.add(PositionText.parse("--position", text));
    }
    Set<TopicPartition> from = new HashSet<>();
    for (String text : partitions) {
      TopicPartition partition = ReplayFilter.partition(text.strip());
      if (partition == null) {
        throw new CommandFailure("--partition " + text + " is no partition; write orders-3");
      }
      from.add(partition);
    }
    return new ReplayFilter(
        when("--since", since, clock),
        when("--until", until, clock),
        Set.copyOf(reasons),
        Set.copyOf(exceptions),
        Set.copyOf(ids),
        places,
        from);
  }

  private static @Nullable Instant when(String option, Optional<String> given, Clock clock)
      throws CommandFailure {
    return given.isEmpty() ? null : When.parse(option, given.get(), clock);
  }
}
