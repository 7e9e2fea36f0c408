package io.exactlyonce.cli;

import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Console;
import io.exactlyonce.cli.common.When;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.receipt.Rewind;
import io.exactlyonce.receipt.StoppedGroup;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Sets the offsets of a stopped group back, so that the pipeline processes records again.
 *
 * <p>Exit status: 0 if the group was moved or would be ({@code --dry-run}), 2 if it was not.
 */
@Command(
    name = "rewind",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnExecutionException = RewindCommand.REFUSED,
    description =
        "Sets a stopped pipeline back to process records again; duplicates stay dropped. A receipt"
            + " records it, and the audit notes it.")
public final class RewindCommand implements Callable<Integer> {
  static final int REFUSED = 2;

  @Mixin private Console console = new Console();

  @Mixin private StoppedGroupOptions of = new StoppedGroupOptions();

  @ArgGroup(multiplicity = "1")
  private To to;

  private static final class To {
    @Option(
        names = "--to",
        split = ",",
        paramLabel = "TOPIC-PARTITION@OFFSET,...",
        description = "Each of these partitions to this offset, which is processed again.")
    private List<String> positions = List.of();

    @Option(
        names = "--to-time",
        paramLabel = "WHEN",
        description =
            "Each partition to its first record since an instant (2026-11-01T00:00:00Z) or a time"
                + " ago (PT1H).")
    private @Nullable String time;

    @Option(
        names = "--all-to-beginning",
        description = "Each partition to the first record that is there.")
    private boolean beginning;
  }

  @Option(
      names = "--source",
      split = ",",
      paramLabel = "TOPIC,...",
      description =
          "With --to-time and --all-to-beginning: only these topics. Default: all that the group"
              + " has offsets of, but for its retry topics.")
  private Set<String> topics = Set.of();

  @Option(names = "--dry-run", description = "Say what would move, and move nothing.")
  private boolean dryRun;

  @Override
  public Integer call() {
    try {
      Rewind.Target target = target();
      of.run(System.getenv(), group -> rewind(group, target));
      return 0;
    } catch (CommandFailure | KafkaException failure) {
      return console.refuse(failure.getMessage(), REFUSED);
    }
  }

  private void rewind(StoppedGroup group, Rewind.Target target) {
    Rewind rewind = new Rewind(group);
    List<StoppedGroup.Move> moves = rewind.plan(target);
    if (!dryRun) {
      rewind.run(moves, of.because(), of.who());
    }
    moves.forEach(console.out()::println);
    console.println(
        dryRun
            ? "would rewind " + moves.size() + " partitions"
            : "rewound " + moves.size() + " partitions; start the pipeline");
  }

  private Rewind.Target target() throws CommandFailure {
    if (to.time != null) {
      return new Rewind.Target.Time(When.parse("--to-time", to.time, Clock.systemUTC()), topics);
    }
    if (to.beginning) {
      return new Rewind.Target.Beginning(topics);
    }
    if (!topics.isEmpty()) {
      throw new CommandFailure(
          "--source goes with --to-time or --all-to-beginning; --to names all");
    }
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (String text : to.positions) {
      RecordPosition at = PositionText.parse("--to", text);
      if (offsets.put(at.partition(), at.offset()) != null) {
        throw new CommandFailure(
            "--to names " + at.partition() + " twice; write one offset for it");
      }
    }
    return new Rewind.Target.Offsets(offsets);
  }
}
