package io.exactlyonce.cli;

import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Console;
import io.exactlyonce.receipt.LossAcceptance;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Moves the offset of a stopped group past records that retention deleted before the pipeline read
 * them.
 *
 * <p>Exit status: 0 if the group was moved, 2 if it was not.
 */
@Command(
    name = "accept-loss",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnExecutionException = AcceptLossCommand.REFUSED,
    description =
        "Moves a stopped group past records that were deleted before it read them; a receipt"
            + " records the loss, and the audit notes it.")
public final class AcceptLossCommand implements Callable<Integer> {
  static final int REFUSED = 2;
  private static final Pattern RANGE = Pattern.compile("(.+)-(\\d{1,9})@(\\d{1,18})-(\\d{1,18})");

  @Mixin private Console console = new Console();

  @Mixin private StoppedGroupOptions of = new StoppedGroupOptions();

  @Option(
      names = "--range",
      required = true,
      paramLabel = "TOPIC-PARTITION@FIRST-LAST",
      description = "The offsets that are gone, as the pipeline said when it stopped.")
  private String range;

  @Override
  public Integer call() {
    Matcher matcher = RANGE.matcher(range.strip());
    if (!matcher.matches()) {
      return console.refuse("--range " + range + " is no TOPIC-PARTITION@FIRST-LAST", REFUSED);
    }
    TopicPartition partition =
        new TopicPartition(matcher.group(1), Integer.parseInt(matcher.group(2)));
    long first = Long.parseLong(matcher.group(3));
    long last = Long.parseLong(matcher.group(4));
    try {
      of.run(
          System.getenv(),
          group ->
              new LossAcceptance(group).accept(partition, first, last, of.because(), of.who()));
      console.println("accepted: " + range + " is lost; start the pipeline");
      return 0;
    } catch (CommandFailure | KafkaException failure) {
      return console.refuse(failure.getMessage(), REFUSED);
    }
  }
}
