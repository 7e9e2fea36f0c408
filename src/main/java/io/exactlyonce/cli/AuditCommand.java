package io.exactlyonce.cli;

import io.exactlyonce.cli.common.ClientSettings;
import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.ClusterOptions;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Progress;
import io.exactlyonce.cli.common.Terminal;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.value.OutputHeaderNames;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.audit.Audit;
import io.exactlyonce.receipt.audit.AuditScope;
import io.exactlyonce.receipt.audit.Since;
import io.exactlyonce.receipt.audit.report.AuditReport;
import io.exactlyonce.wiring.EventIdPlaces;
import java.io.PrintWriter;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Holds what a pipeline wrote against its receipts, beside the running pipeline.
 *
 * <p>Exit status: 0 if nothing was found, 1 if something was (with {@code --strict}, also if
 * something could not be judged), 2 if the audit could not be made.
 */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Proves from the log that nothing was lost, duplicated or put out of order.")
public final class AuditCommand implements Callable<Integer> {
  private static final int COULD_NOT_RUN = 2;

  @Spec private CommandSpec spec;

  @Mixin private ClusterOptions at = new ClusterOptions();

  @Option(names = "--group", required = true, description = "The pipeline's consumer group.")
  private String group;

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

  @Option(names = "--receipts", description = "Default: <group>.receipts.")
  private Optional<String> receipts;

  @Option(names = "--dead-letters", description = "Default: <group>.dead-letters.")
  private Optional<String> deadLetters;

  @Option(
      names = "--event-id",
      split = ",",
      paramLabel = "PLACE,...",
      defaultValue = "header:event-id,cloudevent",
      description = "As guard.event-id: " + EventIds.PLACES + ". Default: ${DEFAULT-VALUE}.")
  private List<String> eventIdPlaces;

  @Option(
      names = "--event-id-header",
      paramLabel = "NAME",
      defaultValue = "event-id",
      description = "As headers.event-id; off: outputs have none. Default: ${DEFAULT-VALUE}.")
  private String eventIdHeader;

  @Option(
      names = "--source-position-header",
      paramLabel = "NAME",
      defaultValue = "source-position",
      description =
          "As headers.source-position; off: outputs have none, and are not judged. Default:"
              + " ${DEFAULT-VALUE}.")
  private String sourcePositionHeader;

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      description =
          "Judge from an instant (2026-11-01T00:00:00Z), from so long ago (PT1H), or from so long"
              + " after the oldest receipt (+PT1H). Default: all receipts.")
  private Optional<String> since;

  @Option(
      names = "--ids-may-repeat",
      description = "Two outputs may have one event id: without a guard, or beyond its window.")
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
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "Wait so long for an open transaction or an answer; more than the pipeline's"
              + " transaction-timeout. Default: ${DEFAULT-VALUE}.")
  private int patience;

  @Option(
      names = "--strict",
      description = "What could not be judged counts as found. For scheduled and CI runs.")
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
      AuditReport report = audit(at.settings(environment));
      AuditText text = new AuditText(report);
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? text.json() + System.lineSeparator() : text.text());
      out.flush();
      return (strict ? report.isProof() : report.isClean()) ? 0 : 1;
    } catch (CommandFailure failure) {
      return refuse(failure.getMessage());
    } catch (KafkaException | ConfigurationException failure) {
      return refuse(failure.getMessage());
    }
  }

  private int refuse(String why) {
    spec.commandLine().getErr().println("audit: " + why);
    spec.commandLine().getErr().flush();
    return COULD_NOT_RUN;
  }

  private AuditReport audit(ClientSettings settings) throws CommandFailure {
    AuditScope scope =
        new AuditScope(
            group,
            sources,
            sinks,
            receipts.orElse(group + ".receipts"),
            deadLetters.orElse(group + ".dead-letters"),
            since(),
            idsMayRepeat,
            guardWindow,
            new OutputHeaderNames(eventIdHeader, sourcePositionHeader));
    eventIdPlaces = eventIdPlaces.stream().map(String::strip).toList();
    EventIds eventIds = EventIdPlaces.of("--event-id", eventIdPlaces);
    Cluster cluster = new Cluster(settings, Duration.ofSeconds(patience));
    cluster.reach();
    LongAdder read = new LongAdder();
    try (BoundedClose<Admin> admin = BoundedClose.of(cluster.admin());
        Progress progress =
            new Progress(
                spec.commandLine().getErr(), terminal, () -> -1, read::sum, System::nanoTime)) {
      if (!quiet) {
        progress.start();
      }
      Audit audit =
          new Audit(
              admin.client(),
              cluster::reader,
              eventIds::findUsable,
              Duration.ofSeconds(patience),
              read::add);
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
    } catch (DateTimeException e) {
      throw new CommandFailure(
          "--since " + text + " is no time; write 2026-11-01T00:00:00Z, PT1H or +PT1H");
    }
  }
}
