package io.exactlyonce.cli;

import io.exactlyonce.wiring.Server;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Runs the pipelines until SIGTERM.
 *
 * <p>Exit status: 143 after SIGTERM and a clean stop; 2 where the configuration is wrong, with one
 * line that says what to change. With {@code --check} it is 0 or 2.
 */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Runs the pipelines and their HTTP endpoints (the default).")
final class ServeCommand implements Callable<Integer> {
  @Option(
      names = "--check",
      description =
          "Prints the configuration that counts, with where each value comes from, and ends.")
  private boolean check;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return check
        ? Server.check(line -> print(spec.commandLine().getOut(), line), this::complain)
        : Server.run(this::complain);
  }

  private void complain(String line) {
    print(spec.commandLine().getErr(), line);
  }

  private static void print(PrintWriter writer, String line) {
    writer.println(line);
    writer.flush();
  }
}
