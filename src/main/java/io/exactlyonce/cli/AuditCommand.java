package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Console;
import io.exactlyonce.cli.common.Progress;
import io.exactlyonce.cli.common.Terminal;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.audit.Audit;
import io.exactlyonce.receipt.audit.AuditScope;
import io.exactlyonce.receipt.audit.Since;
import io.exactlyonce.receipt.audit.report.AuditReport;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Audits what a pipeline wrote against its receipts. The pipeline may run meanwhile.
 *
 * <p>Exit status: 0 if nothing was found, 1 if something was (with {@code --strict}, also if
 * something could not be judged), 2 if the audit could not be made.
 */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnExecutionException = AuditCommand.COULD_NOT_RUN,
    description = "Proves from the log that nothing was lost, duplicated or put out of order.")
public final class AuditCommand implements Callable<Integer> {
  static final int COULD_NOT_RUN = 2;

  @Mixin private Console console = new Console();

  @Mixin private ReadingOptions reading = new ReadingOptions();

  @Mixin private GroupOptions of = new GroupOptions();

  @Option(
      names = "--source",
      required = true,
      split = ",",
      paramLabel = "TOPIC,...",
      description = "The topics that it reads.")
  private List<String> sources;

  @Option(
      names = "--sinks",
      split = ",",
      paramLabel = "TOPIC,...",
      description = "The topics that it writes, without its dead letters.")
  private List<String> sinks = List.of();

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      description =
          "Judge from an instant (2026-11-01T00:00:00Z), from so long ago (PT1H), or from so long"
              + " after the oldest receipt (+PT1H). Default: all receipts.")
  private Optional<String> since;

  @Option(
      names = "--ids-may-repeat",
      description =
          "Do not report two processed records with the same event id: for a pipeline without a"
              + " guard, or for ids that repeat after guard.window.")
  private boolean idsMayRepeat;

  @Option(
      names = "--guard-window",
      paramLabel = "DURATION",
      defaultValue = "PT24H",
      description =
          "As guard.window: with --since, event ids are read back so far before it. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration guardWindow;

  @Option(
      names = "--strict",
      description =
          "Exit with 1 also where something could not be judged. For scheduled and CI runs.")
  private boolean strict;

  @Option(names = "--json", description = "One JSON object instead of text.")
  private boolean json;

  @Option(names = "--quiet", description = "No progress on standard error.")
  private boolean quiet;

  private final Map<String, String> environment;
  private final Clock clock;
  private final boolean terminal;

  /** The command as the shell runs it. */
  public AuditCommand() {
    this(System.getenv(), Clock.systemUTC(), Terminal.onStandardError());
  }

  AuditCommand(Map<String, String> environment, Clock clock, boolean terminal) {
    this.environment = environment;
    this.clock = clock;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      AuditReport report = audit();
      AuditText text = new AuditText(report);
      console.print(json ? text.json() : text.text());
      return (strict ? report.isProof() : report.isClean()) ? 0 : 1;
    } catch (CommandFailure | KafkaException | ConfigurationException failure) {
      return console.refuse(failure.getMessage(), COULD_NOT_RUN);
    }
  }

  private AuditReport audit() throws CommandFailure {
    AuditScope scope =
        new AuditScope(
            of.group(),
            sources,
            sinks,
            of.receipts(),
            of.deadLetters(),
            since(),
            idsMayRepeat,
            guardWindow,
            of.headers());
    EventIds eventIds = of.eventIds();
    Cluster cluster = reading.reach(environment);
    LongAdder read = new LongAdder();
    try (BoundedClose<Admin> admin = BoundedClose.of(cluster.admin());
        Progress progress =
            new Progress(console.err(), terminal, () -> -1, read::sum, System::nanoTime)) {
      if (!quiet) {
        progress.start();
      }
      Audit audit =
          new Audit(
              admin.client(), cluster::reader, eventIds::findUsable, cluster.patience(), read::add);
      return audit.run(scope);
    }
  }

  private Since since() throws CommandFailure {
    String text = since.orElse("");
    try {
      if (text.isEmpty()) {
        return Since.oldest();
      }
      if (text.startsWith("+")) {
        return new Since.Oldest(Duration.parse(text.substring(1)));
      }
      return new Since.At(
          text.startsWith("P") ? clock.instant().minus(Duration.parse(text)) : Instant.parse(text));
    } catch (DateTimeException | ArithmeticException e) {
      throw new CommandFailure(
          "--since " + text + " is no time; write 2026-11-01T00:00:00Z, PT1H or +PT1H");
    }
  }
}
