package io.exactlyonce.cli;

import io.exactlyonce.receipt.LossAcceptance;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
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

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT,...",
      description = "Default: $KAFKA_BOOTSTRAP_SERVERS, else localhost:9092.")
  private Optional<String> bootstrapServers;

  @Option(
      names = "--config",
      paramLabel = "FILE.properties",
      description = "Further settings of the Kafka clients, such as security.protocol.")
  private Optional<Path> config;

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
      Map<String, Object> given =
          LoadSettings.of(bootstrapServers, config, System.getenv()).admin();
      try (Admin admin = Admin.create(given)) {
        new LossAcceptance(
                admin, () -> reader(given), id -> producer(given, id), Clock.systemUTC(), PATIENCE)
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

  private Consumer<byte[], byte[]> reader(Map<String, Object> given) {
    Map<String, Object> settings = new HashMap<>(given);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static Producer<byte[], byte[]> producer(Map<String, Object> given, String id) {
    Map<String, Object> settings = new HashMap<>(given);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
