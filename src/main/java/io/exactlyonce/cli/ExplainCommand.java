package io.exactlyonce.cli;

import io.exactlyonce.cli.common.Cluster;
import io.exactlyonce.cli.common.ClusterOptions;
import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.cli.common.Console;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.explain.Explain;
import io.exactlyonce.explain.ExplainScope;
import io.exactlyonce.explain.Explanation;
import io.exactlyonce.explain.Fate;
import io.exactlyonce.receipt.BoundedClose;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Explains what became of an event, by the log: whether or not the pipeline runs or Redis answers.
 *
 * <p>Exit status: 0 if it was processed to its end, 1 if it was found and was not, 2 if the command
 * could not be run, 3 if it was not found or nothing is left that shows its fate.
 */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnExecutionException = ExplainCommand.COULD_NOT_RUN,
    description =
        "Says where an event is: processed, duplicate of what, dead letter, waiting, not yet read.")
public final class ExplainCommand implements Callable<Integer> {
  private static final int PROCESSED = 0;
  private static final int NOT_PROCESSED = 1;
  static final int COULD_NOT_RUN = 2;
  private static final int NOT_KNOWN = 3;

  /**
   * Settings of the readers that search whole topics. Checksums are not checked, for speed: records
   * are only compared, and a corrupt one would not be found either way.
   */
  private static final Map<String, Object> SCANNING =
      Map.of(ConsumerConfig.CHECK_CRCS_CONFIG, false);

  /**
   * Settings of the reader that looks up single records: small fetches, since the records behind
   * those are read for nothing.
   */
  private static final Map<String, Object> LOOKING =
      Map.of(
          ConsumerConfig.CHECK_CRCS_CONFIG,
          false,
          ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
          500,
          ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
          400_000);

  @Mixin private Console console = new Console();

  @Mixin private ClusterOptions at = new ClusterOptions();

  @Mixin private ExplainOptions options = new ExplainOptions();

  @Option(
      names = "--values",
      description =
          "Keys, values and messages of exceptions, as text. Think of who sees the terminal, and"
              + " its log.")
  private boolean values;

  @Option(names = "--json", description = "One JSON object instead of text.")
  private boolean json;

  private final Map<String, String> environment;
  private final Clock clock;

  /** The command as the shell runs it. */
  public ExplainCommand() {
    this(System.getenv(), Clock.systemUTC());
  }

  ExplainCommand(Map<String, String> environment, Clock clock) {
    this.environment = environment;
    this.clock = clock;
  }

  @Override
  public Integer call() {
    try {
      Explanation found = explain();
      console.print(json ? new ExplainJson(values).of(found) : new ExplainText(values).of(found));
      return found.isProcessed()
          ? PROCESSED
          : found.fate() == Fate.NEVER_SEEN || found.fate() == Fate.UNKNOWN
              ? NOT_KNOWN
              : NOT_PROCESSED;
    } catch (CommandFailure | KafkaException | ConfigurationException failure) {
      return console.refuse(failure.getMessage(), COULD_NOT_RUN);
    }
  }

  private Explanation explain() throws CommandFailure {
    options.check();
    EventIds eventIds = options.eventIds();
    ExplainScope scope = options.scope(clock);
    String id = options.id();
    Explain.Claims stored = options.claims(environment);
    Explain.Claims claims = id == null || stored == null ? stored : early(id, stored);
    Cluster cluster = new Cluster(at.settings(environment), options.patience());
    try (EarlyReaders readers = new EarlyReaders(cluster, LOOKING, SCANNING);
        BoundedClose<Admin> admin = BoundedClose.of(cluster.reached())) {
      readers.await();
      Explain explain =
          new Explain(admin::client, readers, scope, eventIds::findUsable, clock, claims);
      return id == null ? explain.position(options.at()) : explain.id(id);
    }
  }

  /** Looks the claim on the id up at once, on a thread of its own, while the cluster is asked. */
  private static Explain.Claims early(String id, Explain.Claims claims) {
    byte[] asked = id.getBytes(StandardCharsets.UTF_8);
    CompletableFuture<Optional<byte[]>> found =
        CompletableFuture.supplyAsync(() -> claims.find(asked), EarlyReaders::onOwnThread);
    return eventId -> Arrays.equals(asked, eventId) ? joined(found) : claims.find(eventId);
  }

  private static Optional<byte[]> joined(CompletableFuture<Optional<byte[]>> found) {
    try {
      return found.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException known ? known : e;
    }
  }
}
