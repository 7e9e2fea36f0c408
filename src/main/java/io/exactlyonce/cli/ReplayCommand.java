package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Console;
import io.exactlyonce.cli.common.SendRate;
import io.exactlyonce.cli.common.Terminal;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.deadletter.Replay;
import io.exactlyonce.deadletter.ReplayFilter;
import io.exactlyonce.deadletter.ReplayReport;
import io.exactlyonce.eventid.EventIds;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Writes dead letters back to the topics that they came from, each once. The pipeline may run
 * meanwhile.
 *
 * <p>Exit status: 0 if every letter that was selected was replayed, 1 if some cannot be (standard
 * error says which and why), 2 if the replay could not be made or broke off.
 */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnExecutionException = ReplayCommand.COULD_NOT_RUN,
    description = "Writes dead letters back to their source topics, each once.")
public final class ReplayCommand implements Callable<Integer> {
  static final int COULD_NOT_RUN = 2;

  @Mixin private Console console = new Console();

  @Mixin private LetterOptions letters = new LetterOptions();

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
      if (limit < 0 || !(rate == 0 || rate >= 1)) {
        throw new CommandFailure("--limit and --rate are 1 or more, or 0 for no limit");
      }
      ReplayFilter filter = letters.filter(clock);
      EventIds eventIds = letters.eventIds();
      return replay(letters.reach(environment), filter, eventIds);
    } catch (CommandFailure
        | KafkaException
        | ConfigurationException
        | IllegalArgumentException failure) {
      return console.refuse(failure.getMessage(), COULD_NOT_RUN);
    }
  }

  private int replay(Cluster cluster, ReplayFilter filter, EventIds eventIds) {
    Replay replay =
        new Replay(
            cluster::admin,
            cluster::reader,
            cluster::transactionalProducer,
            letters.scope(),
            eventIds::findUsable,
            clock);
    SendRate sendRate = new SendRate(dryRun ? 0 : rate, System::nanoTime, LockSupport::parkNanos);
    ReplayReport report;
    try (ReplayText text =
        new ReplayText(console.out(), console.err(), sendRate, dryRun, terminal)) {
      if (!quiet && !dryRun) {
        text.start();
      }
      Replay.Mode mode = dryRun ? Replay.Mode.DRY_RUN : Replay.Mode.WRITE;
      report = replay.run(filter, mode, limit, text);
    }
    console.println(ReplayText.summary(report, dryRun));
    return report.refused() == 0 ? 0 : 1;
  }
}
