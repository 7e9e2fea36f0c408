package io.exactlyonce.cli.load;

import io.exactlyonce.cli.common.ClientSettings;
import io.exactlyonce.cli.common.ClusterOptions;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Console;
import io.exactlyonce.cli.common.Progress;
import io.exactlyonce.cli.common.SendRate;
import io.exactlyonce.cli.common.Terminal;
import io.exactlyonce.cli.common.WrongSetting;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Loads a file of rows into a topic, each with an event id, so that loading it again is harmless.
 *
 * <p>Exit status: 0 if every row was acknowledged by the broker, 1 if not (standard error says
 * which and why), 2 if the command line or a setting was wrong.
 */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Loads an NDJSON or CSV file, or standard input, into a topic.")
public final class LoadCommand implements Callable<Integer> {
  private enum OnError {
    stop,
    skip
  }

  /** The exit status that picocli has for wrong usage. */
  private static final int WRONG_SETTING = 2;

  @Mixin private Console console = new Console();

  @Mixin private InputOptions in = new InputOptions();

  @Option(names = "--topic", required = true, description = "Where the records go. Must exist.")
  private String topic;

  @Mixin private ClusterOptions at = new ClusterOptions();

  @Option(
      names = "--id-header",
      paramLabel = "NAME",
      defaultValue = "event-id",
      description = "The header that carries the event id. Default: ${DEFAULT-VALUE}.")
  private String idHeader;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description = "Records a second; 0, the default, is as fast as it goes.")
  private double rate;

  @Option(
      names = "--duplicates",
      paramLabel = "SHARE",
      defaultValue = "0",
      converter = Share.class,
      description =
          "Send this share of the rows a second time, some to another partition: 10%%, 0.1 or 10.")
  private double duplicates;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Another seed duplicates other rows. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Send the first N good rows; 0, the default, is all.")
  private long limit;

  @Option(
      names = "--on-error",
      defaultValue = "stop",
      description = "At a bad line: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private OnError onError;

  @Option(names = "--quiet", description = "No progress and no notices on standard error.")
  private boolean quiet;

  private final InputStream stdin;
  private final Map<String, String> environment;
  private final CliClients clients;
  private final LongSupplier nanoTime;
  private final boolean terminal;

  /** The command as the shell runs it. */
  public LoadCommand() {
    this(
        System.in,
        System.getenv(),
        CliClients.real(),
        System::nanoTime,
        Terminal.onStandardError());
  }

  LoadCommand(
      InputStream stdin,
      Map<String, String> environment,
      CliClients clients,
      LongSupplier nanoTime,
      boolean terminal) {
    this.stdin = stdin;
    this.environment = environment;
    this.clients = clients;
    this.nanoTime = nanoTime;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      check();
      ClientSettings settings = at.settings(environment);
      settings.check();
      try (Input input = in.open(stdin)) {
        return load(input, settings);
      }
    } catch (CommandFailure failure) {
      return console.refuse(
          failure.getMessage(), failure instanceof WrongSetting ? WRONG_SETTING : 1);
    } catch (IOException unreadable) {
      return console.refuse(in.file() + " cannot be read: " + unreadable, 1);
    }
  }

  private void check() throws CommandFailure {
    in.check();
    if (!(rate >= 0) || limit < 0) {
      throw new WrongSetting("--rate and --limit are 0 (no limit) or more");
    }
  }

  private int load(Input input, ClientSettings settings) throws IOException, CommandFailure {
    LoadCounts counts = new LoadCounts();
    Rows rows = rows(input);
    int partitions = TargetTopic.partitions(clients, settings, topic);
    LoadReport report = new LoadReport(input.name(), topic, in.ids(input), counts);
    Sender sender = sender(settings, counts);
    long started = nanoTime.getAsLong();
    Load.End end;
    try (Progress progress =
        new Progress(console.err(), terminal, input::progress, counts::acknowledged, nanoTime)) {
      if (!quiet) {
        progress.start();
        sayIds(progress, input);
      }
      Load load =
          new Load(
              rows,
              sender,
              new Duplicates(duplicates, seed, partitions),
              bad -> {
                progress.say(report.bad(bad));
                return onError == OnError.skip;
              },
              limit,
              counts);
      end = load.run();
    }
    console.println(report.summary((nanoTime.getAsLong() - started) / 1e9));
    return status(end, report, counts);
  }

  private int status(Load.End end, LoadReport report, LoadCounts counts) {
    if (end instanceof Load.End.BadLine stopped) {
      console.err().println(report.stoppedAt(stopped.line()));
    } else if (end instanceof Load.End.Unreadable cut) {
      console.err().println(report.unreadable(cut.line(), cut.cause()));
    } else if (end instanceof Load.End.Refused refused) {
      console.err().println(report.refused(refused.failure()));
    } else if (counts.bad().get() == 0) {
      return 0;
    }
    console.err().flush();
    return 1;
  }

  private Rows rows(Input input) throws IOException, CommandFailure {
    try {
      Rows rows = in.rows(input);
      return () -> {
        Optional<RowReader> next = rows.next();
        if (next.isEmpty()) {
          input.checkUnchanged();
        }
        return next;
      };
    } catch (CommandFailure header) {
      throw new CommandFailure(input.name() + ": " + header.getMessage());
    }
  }

  private Sender sender(ClientSettings settings, LoadCounts counts) throws CommandFailure {
    try {
      SendRate sendRate = new SendRate(rate, nanoTime, LockSupport::parkNanos);
      return new Sender(clients.producer(settings.producer()), topic, idHeader, sendRate, counts);
    } catch (KafkaException refused) {
      Throwable cause = refused.getCause() == null ? refused : refused.getCause();
      throw new CommandFailure(
          "no producer with these settings: " + cause.getMessage() + "; correct --config");
    }
  }

  private void sayIds(Progress progress, Input input) {
    if (in.madeUpIds()) {
      progress.say(
          "No --id-field: event ids are "
              + in.ids(input)
              + ". The guard takes a different file with the same ids for a duplicate;"
              + " tell them apart with --id-prefix.");
    }
  }
}
