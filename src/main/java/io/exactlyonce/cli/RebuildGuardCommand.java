package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Console;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.wiring.GuardRebuild;
import java.util.HashMap;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * Rebuilds a pipeline's claims in Redis from the log. Running instances wait meanwhile.
 *
 * <p>Exit status: 0 if every claim was rebuilt, 1 if some could not be (standard error says which),
 * 2 if the claims were not rebuilt.
 */
@Command(
    name = "rebuild-guard",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnExecutionException = RebuildGuardCommand.REFUSED,
    description = "Rebuilds the claims in Redis from the receipts and the source topics.")
public final class RebuildGuardCommand implements Callable<Integer> {
  private static final int INCOMPLETE = 1;
  static final int REFUSED = 2;
  private static final long REPORT_EACH = 100_000;

  @Mixin private Console console = new Console();

  @Parameters(paramLabel = "PIPELINE", description = "Its name below pipelines.")
  private String pipeline;

  @Mixin private PropertyOptions properties = new PropertyOptions();

  @Override
  public Integer call() {
    long began = System.nanoTime();
    try {
      GuardRebuild.Rebuilt rebuilt =
          GuardRebuild.run(pipeline, new HashMap<>(properties.all()), this::tell);
      console.println(
          String.format(
              Locale.ROOT,
              "%s: %,d claims rebuilt in %.1f s",
              pipeline,
              rebuilt.claims(),
              (System.nanoTime() - began) / 1e9));
      rebuilt.missing().forEach(console::complain);
      return rebuilt.missing().isEmpty() ? 0 : INCOMPLETE;
    } catch (ConfigurationException | Backend.UnreachableException refusal) {
      return console.refuse(refusal.getMessage(), REFUSED);
    }
  }

  private void tell(long loaded) {
    if (loaded % REPORT_EACH == 0) {
      console.println(String.format(Locale.ROOT, "%,d claims so far", loaded));
    }
  }
}
