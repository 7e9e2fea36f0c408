package io.exactlyonce.cli;

import io.exactlyonce.cli.load.LoadCommand;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code java -jar exactly-once-pipeline.jar [serve|load|...]}. */
@Command(
    name = "exactly-once-pipeline",
    mixinStandardHelpOptions = true,
    version = "exactly-once-pipeline 0.1.0",
    description = "An exactly-once pipeline on Kafka. Without a command it serves.")
public final class Main implements Runnable {
  /** In the order in which --help lists them. */
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
    // Reading the log's configuration takes as long as making the command's options.
    Thread logging = new Thread(LoggerFactory::getILoggerFactory, "logging");
    logging.start();
    CommandLine line = line(args.length == 0 ? "serve" : args[0]);
    // Whoever logs meanwhile would be told on standard error that the lines were kept back.
    logging.join();
    System.exit(args.length == 0 ? line.execute("serve") : line.execute(args));
  }

  /**
   * The command line with the one command that is called first; with all of them where it is none.
   * Each that is not made saves its classes, options and texts at the start.
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

  /** Only options such as --help come without a command. */
  @Override
  public void run() {
    line("").usage(System.out);
  }
}
