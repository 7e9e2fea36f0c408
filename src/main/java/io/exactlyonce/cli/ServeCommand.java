package io.exactlyonce.cli;

import io.exactlyonce.wiring.Server;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Runs the pipelines until SIGTERM, which ends it with status 143 after a clean stop; status 2
 * where the configuration is wrong, with one line that says what to change.
 */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Runs the pipelines and their HTTP endpoints (the default).")
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return Server.run(
        line -> {
          spec.commandLine().getErr().println(line);
          spec.commandLine().getErr().flush();
        });
  }
}
