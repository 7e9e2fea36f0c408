package io.exactlyonce.cli;

import io.exactlyonce.cli.load.LoadCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code java -jar exactly-once-pipeline.jar [serve|load|...]}. */
@Command(
    name = "exactly-once-pipeline",
    mixinStandardHelpOptions = true,
    version = "exactly-once-pipeline 0.1.0",
    description = "An exactly-once pipeline on Kafka. Without a command it serves.",
    subcommands = {
      ServeCommand.class,
      LoadCommand.class,
      AuditCommand.class,
      LagCommand.class,
      DoctorCommand.class,
      ExplainCommand.class,
      LettersCommand.class,
      ReplayCommand.class,
      AcceptLossCommand.class,
      RewindCommand.class,
      RebuildGuardCommand.class
    })
public final class Main implements Runnable {
  private Main() {}

  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Main());
    int status = args.length == 0 ? line.execute("serve") : line.execute(args);
    System.exit(status);
  }

  /** Only options such as --help come without a command. */
  @Override
  public void run() {
    new CommandLine(new Main()).usage(System.out);
  }
}
