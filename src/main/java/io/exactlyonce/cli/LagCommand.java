package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.ClusterOptions;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Console;
import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.GroupTopics;
import io.exactlyonce.lag.KnownTimes;
import io.exactlyonce.lag.LagChecks;
import io.exactlyonce.lag.LagMonitor;
import io.exactlyonce.lag.OldestRecords;
import io.exactlyonce.lag.Watched;
import io.exactlyonce.receipt.BoundedClose;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Shows the lag of a pipeline, whether or not it runs.
 *
 * <p>Exit status, as Nagios and cron understand it: 0 below the thresholds, 1 warning, 2 critical,
 * 3 where it cannot be measured. Wrong usage is 3 too, and not 2 as with the other commands: a
 * mistyped option must not look like a critical lag.
 */
@Command(
    name = "lag",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnInvalidInput = LagCommand.CANNOT_MEASURE,
    exitCodeOnExecutionException = LagCommand.CANNOT_MEASURE,
    description =
        "Shows how far a pipeline is behind, by partition: records, seconds, trend, state.")
public final class LagCommand implements Callable<Integer> {
  static final int CANNOT_MEASURE = 3;

  /**
   * Shortest bound of a call, in seconds: a client refuses {@code default.api.timeout.ms} below its
   * {@code request.timeout.ms}.
   */
  private static final int MIN_PATIENCE = 5;

  /** Time between the two checks that a trend takes. */
  private static final Duration SHORTEST_TREND = Duration.ofSeconds(2);

  @Mixin private Console console = new Console();

  @Mixin private ClusterOptions at = new ClusterOptions();

  @Option(names = "--group", required = true, description = "The pipeline's consumer group.")
  private String group;

  @Option(
      names = "--source",
      split = ",",
      paramLabel = "TOPIC,...",
      description =
          "Topics that it reads. Default: all that the group has offsets of or members for, its"
              + " retry topics among them.")
  private Set<String> sources = Set.of();

  @Mixin private LagThresholds thresholds = new LagThresholds();

  @Option(names = "--watch", description = "Measure again and again, until interrupted.")
  private boolean watch;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "With --watch: time between two checks. Default: ${DEFAULT-VALUE}.")
  private int every;

  @Option(names = "--json", description = "One JSON object a check instead of a table.")
  private boolean json;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "Wait so long for each of a check's four answers. Default: ${DEFAULT-VALUE}.")
  private int patience;

  private final Map<String, String> environment;
  private final Clock clock;

  /** The command as the shell runs it. */
  public LagCommand() {
    this(System.getenv(), Clock.systemUTC());
  }

  LagCommand(Map<String, String> environment, Clock clock) {
    this.environment = environment;
    this.clock = clock;
  }

  @Override
  public Integer call() {
    try {
      thresholds.check();
      if (patience <= 0 || every <= 0) {
        throw new CommandFailure("--patience and --every are 1 or more");
      }
      Duration notLess = Duration.ofSeconds(Math.max(patience, MIN_PATIENCE));
      Cluster cluster = new Cluster(at.settings(environment), notLess);
      cluster.reach();
      try (BoundedClose<Admin> admin = BoundedClose.of(cluster.admin(LagMonitor.ADMIN_SETTINGS))) {
        return run(cluster, admin.client());
      }
    } catch (CommandFailure | KafkaException failure) {
      return console.refuse(failure.getMessage(), CANNOT_MEASURE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CANNOT_MEASURE;
    }
  }

  private int run(Cluster cluster, Admin admin) throws CommandFailure, InterruptedException {
    Duration interval = watch ? Duration.ofSeconds(every) : SHORTEST_TREND;
    LagChecks checks =
        new LagChecks(
            List.of(new Watched(group, group, topics(admin))),
            () -> cluster.reader(OldestRecords.READER_SETTINGS),
            KnownTimes.none(),
            cluster.settings().servers(),
            Duration.ofSeconds(patience),
            interval,
            clock);
    GroupLag lag = checks.check(admin).get(0);
    if (!watch && lag.isMeasured() && lag.records() > 0) {
      Thread.sleep(interval.toMillis());
      lag = checks.check(admin).get(0); // one check shows no trend
    }
    while (watch) {
      show(lag);
      Thread.sleep(interval.toMillis());
      lag = checks.check(admin).get(0);
    }
    show(lag);
    LagThresholds.Level level = thresholds.judge(lag);
    // The part that was measured may be critical already.
    return lag.isMeasured() || level == LagThresholds.Level.CRITICAL
        ? level.exitCode
        : CANNOT_MEASURE;
  }

  private Set<String> topics(Admin admin) throws CommandFailure {
    Set<String> topics = new TreeSet<>(sources);
    if (topics.isEmpty()) {
      topics.addAll(GroupTopics.find(admin, group, Duration.ofSeconds(patience)));
    }
    if (topics.isEmpty()) {
      throw new CommandFailure(
          "group "
              + group
              + " has neither offsets nor members; check --group, or name its topics by --source");
    }
    return topics;
  }

  private void show(GroupLag lag) {
    LagThresholds.Level level = thresholds.judge(lag);
    console.print(json ? LagText.json(lag, level) : LagText.table(lag, level));
  }
}
