package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.ClusterOptions;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.StoppedGroup;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that move a stopped group's offsets. */
final class StoppedGroupOptions {
  /** Work on the group, during which the admin client is open. */
  @FunctionalInterface
  interface Work {
    void on(StoppedGroup group) throws CommandFailure;
  }

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Mixin private ClusterOptions at = new ClusterOptions();

  @Option(names = "--group", required = true, description = "The pipeline's consumer group.")
  private String group;

  @Option(names = "--receipts", description = "Default: <group>.receipts.")
  private Optional<String> receipts;

  @Option(names = "--because", required = true, description = "Why; it stands in the receipt.")
  private String because;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      defaultValue = "${sys:user.name}",
      description = "Who decided; it stands in the receipt. Default: the user of this system.")
  private String who;

  void run(Map<String, String> environment, Work work) throws CommandFailure {
    if (because.isBlank()) {
      throw new CommandFailure("--because is empty; say why, for those who read the audit");
    }
    Cluster reached = new Cluster(at.settings(environment), PATIENCE);
    reached.reach();
    try (BoundedClose<Admin> admin = BoundedClose.of(reached.admin())) {
      work.on(
          new StoppedGroup(
              group,
              receipts.orElse(group + ".receipts"),
              admin.client(),
              () -> reached.reader(group),
              reached::transactionalProducer,
              Clock.systemUTC(),
              PATIENCE));
    }
  }

  String because() {
    return because.strip();
  }

  String who() {
    return who;
  }
}
