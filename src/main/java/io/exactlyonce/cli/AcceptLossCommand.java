package io.exactlyonce.cli;

import io.exactlyonce.receipt.LossAcceptance;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Takes a stopped pipeline past records that retention deleted before it read them. */
@Command(
    name = "accept-loss",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Lets a stopped pipeline go on without records that are gone; the audit tells.")
public final class AcceptLossCommand implements Callable<Integer> {
  private static final int REFUSED = 2;
  private static final Pattern RANGE = Pattern.compile("(.+)-(\\d+)@(\\d+)-(\\d+)");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Spec private CommandSpec spec;

  @Mixin private ClusterOptions at = new ClusterOptions();

  @Option(names = "--group", required = true, description = "The pipeline's consumer group.")
  private String group;

  @Option(names = "--receipts", description = "Default: <group>.receipts.")
  private Optional<String> receipts;

  @Option(
      names = "--range",
      required = true,
      paramLabel = "TOPIC-PARTITION@FIRST-LAST",
      description = "The offsets that are gone, as the pipeline said when it stopped.")
  private String range;

  @Option(names = "--because", required = true, description = "Why; it stands in the receipt.")
  private String because;

  @Override
  public Integer call() {
    Matcher matcher = RANGE.matcher(range);
    if (!matcher.matches()) {
      return refuse("--range " + range + " is no TOPIC-PARTITION@FIRST-LAST");
    }
    TopicPartition partition =
        new TopicPartition(matcher.group(1), Integer.parseInt(matcher.group(2)));
    try {
      Cluster reached = new Cluster(at.settings(System.getenv()), PATIENCE);
      reached.reach();
      try (Admin admin = reached.admin()) {
        new LossAcceptance(
                admin,
                () -> reached.reader(group),
                reached::transactionalProducer,
                Clock.systemUTC(),
                PATIENCE)
            .accept(
                group,
                receipts.orElse(group + ".receipts"),
                partition,
                Long.parseLong(matcher.group(3)),
                Long.parseLong(matcher.group(4)),
                because);
      }
      spec.commandLine().getOut().println("accepted: " + range + " is lost; start the pipeline");
      spec.commandLine().getOut().flush();
      return 0;
    } catch (LoadFailure | KafkaException failure) {
      return refuse(failure.getMessage());
    }
  }

  private int refuse(String why) {
    spec.commandLine().getErr().println("accept-loss: " + why);
    spec.commandLine().getErr().flush();
    return REFUSED;
  }
}
