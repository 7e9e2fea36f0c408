package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Console;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.deadletter.LetterList;
import io.exactlyonce.deadletter.ReplayFilter;
import io.exactlyonce.eventid.EventIds;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Lists dead letters: one line each, and below it what was asked for. The pipeline may run
 * meanwhile.
 *
 * <p>Exit status: 0 if they were listed, however many there are; 2 if they could not be.
 */
@Command(
    name = "letters",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnExecutionException = LettersCommand.COULD_NOT_RUN,
    description = "Lists dead letters: where, when, why. Values are shown only with --values.")
public final class LettersCommand implements Callable<Integer> {
  static final int COULD_NOT_RUN = 2;

  @Mixin private Console console = new Console();

  @Mixin private LetterOptions letters = new LetterOptions();

  @Option(names = "--stack", description = "The stack of what was thrown.")
  private boolean stack;

  @Option(
      names = "--values",
      description = "Key and value, as text. Think of who sees the terminal, and its log.")
  private boolean values;

  private final Map<String, String> environment;
  private final Clock clock;

  /** The command as the shell runs it. */
  public LettersCommand() {
    this(System.getenv(), Clock.systemUTC());
  }

  LettersCommand(Map<String, String> environment, Clock clock) {
    this.environment = environment;
    this.clock = clock;
  }

  @Override
  public Integer call() {
    try {
      ReplayFilter filter = letters.filter(clock);
      EventIds eventIds = letters.eventIds();
      Cluster cluster = letters.reach(environment);
      LetterText text = new LetterText(console.out(), stack, values);
      long shown =
          new LetterList(cluster::admin, cluster::reader, letters.scope(), eventIds::findUsable)
              .show(filter, text);
      console.println(shown + " letters");
      return 0;
    } catch (CommandFailure | KafkaException | ConfigurationException failure) {
      return console.refuse(failure.getMessage(), COULD_NOT_RUN);
    }
  }
}
