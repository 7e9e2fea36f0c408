package io.exactlyonce.cli;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.deadletter.At;
import io.exactlyonce.deadletter.Replay;
import io.exactlyonce.deadletter.ReplayFilter;
import io.exactlyonce.deadletter.ReplayReport;
import io.exactlyonce.deadletter.ReplayScope;
import io.exactlyonce.engine.EventIds;
import io.exactlyonce.wiring.EventIdPlaces;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Writes dead letters back to the topics that they came from, each once, beside the running
 * pipeline.
 *
 * <p>Exit status: 0 if every letter that was asked for was replayed, 1 if some cannot be (standard
 * error says which and why), 2 if the replay could not be made or broke off.
 */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Writes dead letters back to their source topics, each once.")
public final class ReplayCommand implements Callable<Integer> {
  private static final int COULD_NOT_RUN = 2;

  @Spec private CommandSpec spec;

  @Mixin private ClusterOptions at = new ClusterOptions();

  @Option(names = "--group", required = true, description = "The pipeline's consumer group.")
  private String group;

  @Option(names = "--dead-letters", description = "Default: <group>.dead-letters.")
  private Optional<String> deadLetters;

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      description =
          "Letters written from an instant on (2026-11-01T00:00:00Z), or in the last so long"
              + " (PT1H).")
  private Optional<String> since;

  @Option(names = "--until", paramLabel = "WHEN", description = "Letters written before; likewise.")
  private Optional<String> until;

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
      names = "--event-id",
      split = ",",
      paramLabel = "PLACE,...",
      defaultValue = "header:event-id,header:ce_id",
      description = "As guard.event-id: " + EventIds.PLACES + ". Default: ${DEFAULT-VALUE}.")
  private List<String> eventIdPlaces;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Replay the first N; 0, the default, is all.")
  private long limit;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description = "Letters a second; 0, the default, is as fast as it goes.")
  private double rate;

  @Option(names = "--dry-run", description = "List what would be replayed, and write nothing.")
  private boolean dryRun;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "Wait so long for an open transaction or an answer; more than the pipeline's"
              + " transaction-timeout. Default: ${DEFAULT-VALUE}.")
  private int patience;

  @Option(names = "--quiet", description = "No progress on standard error.")
  private boolean quiet;

  private final Map<String, String> environment;
  private final Clock clock;
  private final boolean terminal;

  /** The command as the shell runs it. */
  public ReplayCommand() {
    this(System.getenv(), Clock.systemUTC(), Terminal.onStandardError());
  }

  ReplayCommand(Map<String, String> environment, Clock clock, boolean terminal) {
    this.environment = environment;
    this.clock = clock;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      ReplayFilter filter = filter();
      EventIds eventIds = EventIdPlaces.of("--event-id", eventIdPlaces);
      Cluster cluster = new Cluster(at.settings(environment), Duration.ofSeconds(patience));
      cluster.reach();
      return replay(cluster, filter, eventIds);
    } catch (LoadFailure
        | KafkaException
        | ConfigurationException
        | IllegalArgumentException failure) {
      spec.commandLine().getErr().println("replay: " + failure.getMessage());
      spec.commandLine().getErr().flush();
      return COULD_NOT_RUN;
    }
  }

  private int replay(Cluster cluster, ReplayFilter filter, EventIds eventIds) {
    ReplayScope scope =
        new ReplayScope(group, deadLetters.orElse(group + ".dead-letters"), cluster.patience());
    Replay replay =
        new Replay(
            cluster::admin,
            cluster::reader,
            cluster::transactionalProducer,
            scope,
            eventIds::findUsable,
            clock);
    PrintWriter out = spec.commandLine().getOut();
    Pace pace = new Pace(dryRun ? 0 : rate, System::nanoTime, LockSupport::parkNanos);
    ReplayReport report;
    try (ReplayText text =
        new ReplayText(out, spec.commandLine().getErr(), pace, dryRun, terminal)) {
      if (!quiet && !dryRun) {
        text.start();
      }
      Replay.Mode mode = dryRun ? Replay.Mode.DRY_RUN : Replay.Mode.WRITE;
      report = replay.run(filter, mode, limit, text);
    }
    out.println(ReplayText.summary(report, dryRun));
    out.flush();
    return report.refused() == 0 ? 0 : 1;
  }

  private ReplayFilter filter() throws LoadFailure {
    if (limit < 0 || !(rate == 0 || rate >= 1) || patience <= 0) {
      throw new LoadFailure("--limit, --rate (0: no limit) and --patience are 1 or more");
    }
    Set<At> places = new HashSet<>();
    for (String text : positions) {
      At at = At.parse(text.strip());
      if (at == null) {
        throw new LoadFailure("--position " + text + " is no position; write orders-3@17");
      }
      places.add(at);
    }
    return new ReplayFilter(
        when("--since", since),
        when("--until", until),
        Set.copyOf(exceptions),
        Set.copyOf(ids),
        places);
  }

  private Instant when(String option, Optional<String> given) throws LoadFailure {
    if (given.isEmpty()) {
      return null;
    }
    String text = given.get();
    try {
      return text.startsWith("P")
          ? clock.instant().minus(Duration.parse(text))
          : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new LoadFailure(
          option + " " + text + " is no time; write 2026-11-01T00:00:00Z or PT1H");
    }
  }
}
