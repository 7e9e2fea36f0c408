package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.ClusterOptions;
import io.exactlyonce.cli.common.CommandFailure;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of commands that read topics to their ends; the pipeline may run meanwhile. */
final class ReadingOptions {
  @Mixin private ClusterOptions at = new ClusterOptions();

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "Wait so long for an open transaction or an answer; more than the pipeline's"
              + " transaction-timeout. Default: ${DEFAULT-VALUE}.")
  private int patience;

  /**
   * The cluster, after it has answered.
   *
   * @throws CommandFailure where it does not answer, or an option is wrong
   */
  Cluster reach(Map<String, String> environment) throws CommandFailure {
    if (patience <= 0) {
      throw new CommandFailure("--patience is 1 or more");
    }
    Cluster cluster = new Cluster(at.settings(environment), patience());
    cluster.reach();
    return cluster;
  }

  Duration patience() {
    return Duration.ofSeconds(patience);
  }
}
