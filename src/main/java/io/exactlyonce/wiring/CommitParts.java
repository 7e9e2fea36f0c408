package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.receipt.NewestReceipts;
import io.exactlyonce.wiring.peer.BrokerCheck;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Opens the look at a pipeline's newest receipts. */
final class CommitParts {
  /** Small fetches: a look reads few receipts, every few seconds. */
  private static final Map<String, Object> READER_SETTINGS =
      Map.of(
          ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 1024 * 1024,
          ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 256 * 1024,
          ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);

  private CommitParts() {}

  /**
   * @param kafka the common client settings
   */
  static NewestReceipts open(PipelineConfig config, Map<String, Object> kafka) {
    ClientConfigs clients = new ClientConfigs(config, kafka);
    Map<String, Object> settings = new HashMap<>(clients.reader());
    settings.putAll(READER_SETTINGS);
    settings.put(
        CommonClientConfigs.CLIENT_ID_CONFIG,
        config.name() + "-" + config.instanceId() + "-commits");
    new BrokerCheck().require(settings);
    return new NewestReceipts(new KafkaConsumer<>(settings), config.receipts());
  }
}
