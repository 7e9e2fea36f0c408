package io.exactlyonce.cli;

import io.exactlyonce.cli.load.LoadCommand;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point: {@code java -jar exactly-once-pipeline.jar [serve|load|...]}. */
@Command(
    name = "exactly-once-pipeline",
    mixinStandardHelpOptions = true,
    version = "exactly-once-pipeline 0.1.0",
    description = "An exactly-once pipeline on Kafka. Without a command it serves.")
public final class Main implements Runnable {
  /** Names of the commands, in the order in which {@code --help} lists them. */
  static final List<String> COMMANDS =
      List.of(
          "serve",
          "load",
          "audit",
          "lag",
          "doctor",
          "explain",
          "letters",
          "replay",
          "accept-loss",
          "rewind",
          "rebuild-guard");

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    // Loads the configuration of logging meanwhile: it takes as long as making the command's
    // options.
    Thread logging = new Thread(LoggerFactory::getILoggerFactory, "logging");
    logging.start();
    CommandLine line = line(args.length == 0 ? "serve" : args[0]);
    // Waits for it: SLF4J holds back what is logged during its initialization, and reports that on
    // standard error.
    logging.join();
    System.exit(args.length == 0 ? line.execute("serve") : line.execute(args));
  }

  /**
   * The command line with one command, or with all where {@code first} names none. Commands that
   * are not needed are not made, since loading their classes, options and texts would delay the
   * start.
   *
   * @param first the first argument
   */
  static CommandLine line(String first) {
    CommandLine line = new CommandLine(new Main());
    List<String> names = COMMANDS.contains(first) ? List.of(first) : COMMANDS;
    names.forEach(name -> line.addSubcommand(name, command(name)));
    return line;
  }

  private static Object command(String name) {
    return switch (name) {
      case "serve" -> new ServeCommand();
      case "load" -> new LoadCommand();
      case "audit" -> new AuditCommand();
      case "lag" -> new LagCommand();
      case "doctor" -> new DoctorCommand();
      case "explain" -> new ExplainCommand();
      case "letters" -> new LettersCommand();
      case "replay" -> new ReplayCommand();
      case "accept-loss" -> new AcceptLossCommand();
      case "rewind" -> new RewindCommand();
      case "rebuild-guard" -> new RebuildGuardCommand();
      default -> throw new IllegalArgumentException(name + " is none of " + COMMANDS);
    };
  }

  /** Prints the usage: without a command there are only options such as {@code --help}. */
  @Override
  public void run() {
    line("").usage(System.out);
  }
}
