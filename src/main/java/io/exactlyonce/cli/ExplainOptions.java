package io.exactlyonce.cli;

import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.When;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.explain.Explain;
import io.exactlyonce.explain.ExplainScope;
import io.exactlyonce.wiring.ClaimReading;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options for the event to explain, and for the names of its pipeline. */
final class ExplainOptions {
  @Mixin private GroupOptions of = new GroupOptions();

  @Option(names = "--id", paramLabel = "ID", description = "The event's id.")
  private Optional<String> id;

  @Option(
      names = "--position",
      paramLabel = "TOPIC-PARTITION@OFFSET",
      description =
          "Its position: in a source, or in a sink, a retry topic or the dead letters, whose record"
              + " names the source.")
  private Optional<String> position;

  @Option(
      names = "--source",
      split = ",",
      paramLabel = "TOPIC,...",
      description =
          "Topics that the pipeline reads. Default: all that the group has offsets of or members"
              + " for.")
  private Set<String> sources = Set.of();

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      description =
          "Search all records with the event id since an instant (2026-11-01T00:00:00Z) or a time"
              + " ago (PT1H). Default: search the last --guard-window, and only if the claim in"
              + " Redis names no record that was processed.")
  private Optional<String> since;

  @Option(
      names = "--guard-window",
      paramLabel = "DURATION",
      defaultValue = "PT24H",
      description =
          "As guard.window: the record that a duplicate repeats is looked for so far around it."
              + " Default: ${DEFAULT-VALUE}.")
  private Duration guardWindow;

  @Option(
      names = "--redis-uri",
      paramLabel = "URI",
      description =
          "Look first at the record that the claim in this Redis names, and show the claim."
              + " Default: $REDIS_URI; without a Redis the log alone is searched.")
  private Optional<String> redisUri;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "Wait so long for an answer. Default: ${DEFAULT-VALUE}.")
  private int patience;

  /**
   * Checks the options before anything is asked.
   *
   * @throws CommandFailure naming the option that is wrong
   */
  void check() throws CommandFailure {
    if (patience <= 0) {
      throw new CommandFailure("--patience is 1 or more");
    }
    if (guardWindow.isNegative() || guardWindow.isZero()) {
      throw new CommandFailure("--guard-window " + guardWindow + " is no window; write PT24H");
    }
    if (id.isPresent() == position.isPresent()) {
      throw new CommandFailure("give one of --id ID and --position payments-3@130");
    }
    if (position.isPresent()) {
      at();
    }
    if (id.isPresent() && !EventIds.isUsable(id.get().getBytes(StandardCharsets.UTF_8))) {
      throw new CommandFailure(
          "--id is blank or too long: no pipeline takes such an event id; check it");
    }
  }

  /**
   * Look-up of claims in Redis; null where no Redis is named.
   *
   * @throws io.exactlyonce.config.ConfigurationException where its address is no Redis URI
   */
  Explain.@Nullable Claims claims(Map<String, String> environment) {
    String uri = redisUri.orElse(environment.getOrDefault("REDIS_URI", ""));
    if (uri.isEmpty()) {
      return null;
    }
    String setting = redisUri.isPresent() ? "--redis-uri" : "REDIS_URI";
    ClaimReading.check(setting, uri);
    return eventId -> ClaimReading.find(setting, uri, of.group(), eventId);
  }

  Duration patience() {
    return Duration.ofSeconds(patience);
  }

  /** The event id; null where a position is given instead. */
  @Nullable String id() {
    return id.orElse(null);
  }

  /**
   * The position; only where {@link #id} is null.
   *
   * @throws CommandFailure where it is none
   */
  RecordPosition at() throws CommandFailure {
    return PositionText.parse("--position", position.orElseThrow());
  }

  EventIds eventIds() {
    return of.eventIds();
  }

  ExplainScope scope(Clock clock) throws CommandFailure {
    return new ExplainScope(
        of.group(),
        sources,
        of.receipts(),
        of.deadLetters(),
        of.group() + ".replays",
        of.headers(),
        since.isEmpty() ? null : When.parse("--since", since.get(), clock),
        guardWindow,
        patience());
  }
}
