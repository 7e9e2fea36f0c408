package io.exactlyonce.cli;

import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Console;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.doctor.Finding;
import io.exactlyonce.wiring.ClusterDoctor;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Checks pipelines and their cluster by the application's own configuration, whether or not its
 * instances run, and changes nothing.
 *
 * <p>Exit status, as Nagios and cron understand it: 0 all is well, 1 something should be changed, 2
 * something has to be changed, 3 something could not be checked. Wrong usage is 3 too, as with
 * {@code lag}.
 */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnInvalidInput = DoctorCommand.CANNOT_LOOK,
    exitCodeOnExecutionException = DoctorCommand.CANNOT_LOOK,
    description =
        "Says what is wrong with a pipeline's cluster, and what to do. It changes nothing.")
public final class DoctorCommand implements Callable<Integer> {
  static final int CANNOT_LOOK = 3;

  @Mixin private Console console = new Console();

  @Parameters(
      paramLabel = "PIPELINE",
      arity = "0..*",
      description = "Names below pipelines. Default: all that are configured.")
  private Set<String> pipelines = new LinkedHashSet<>();

  @Mixin private PropertyOptions properties = new PropertyOptions();

  @Option(names = "--json", description = "One JSON object instead of a line for each finding.")
  private boolean json;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "Wait so long for an answer. Default: ${DEFAULT-VALUE}.")
  private int patience;

  private final Clock clock;
  private final ClassLoader classes;

  /** The command as the shell runs it. */
  public DoctorCommand() {
    this(Clock.systemUTC(), DoctorCommand.class.getClassLoader());
  }

  /**
   * @param classes class loader in which the list of the engine's files is looked for
   */
  DoctorCommand(Clock clock, ClassLoader classes) {
    this.clock = clock;
    this.classes = classes;
  }

  @Override
  public Integer call() {
    List<Finding> findings = new ArrayList<>();
    try {
      if (patience <= 0) {
        throw new CommandFailure("--patience is 1 or more");
      }
      new ClusterDoctor(
              clock, Duration.ofSeconds(patience), classes, found -> take(findings, found))
          .run(pipelines, new HashMap<>(properties.all()));
    } catch (ConfigurationException wrong) {
      take(findings, DoctorText.wrongConfiguration(String.valueOf(wrong.getMessage())));
    } catch (CommandFailure failure) {
      return console.refuse(failure.getMessage(), CANNOT_LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CANNOT_LOOK;
    }
    console.print(json ? DoctorText.json(findings) : DoctorText.summary(findings));
    return status(DoctorText.worst(findings));
  }

  private static int status(Finding.Level worst) {
    return switch (worst) {
      case OK -> 0;
      case WARN -> 1;
      case FAIL -> 2;
      case UNKNOWN -> CANNOT_LOOK;
    };
  }

  /**
   * Takes a finding and, without {@code --json}, prints it at once: results are seen while a later
   * check waits for a broker.
   */
  private void take(List<Finding> findings, Finding found) {
    findings.add(found);
    if (!json) {
      console.print(DoctorText.line(found));
    }
  }
}
