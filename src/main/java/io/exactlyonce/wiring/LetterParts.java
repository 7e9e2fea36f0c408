package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.deadletter.LetterLook;
import io.exactlyonce.wiring.peer.BrokerCheck;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Makes the look at a pipeline's dead letters. */
final class LetterParts {
  /** Small fetches, to save memory: letters contain the values of their records. */
  private static final Map<String, Object> READER_SETTINGS =
      Map.of(
          ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 * 1024 * 1024,
          ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1024 * 1024,
          ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 500,
          ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50,
          CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000,
          CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 10_000);

  private LetterParts() {}

  /**
   * @param kafka the common client settings
   */
  static LetterLook look(PipelineConfig config, Map<String, Object> kafka) {
    ClientConfigs clients = new ClientConfigs(config, kafka);
    BrokerCheck check = new BrokerCheck();
    return new LetterLook(
        () -> reader(clients, check),
        config.group(),
        config.deadLetters(),
        EventIdPlaces.of(config)::findUsable);
  }

  private static Consumer<byte[], byte[]> reader(ClientConfigs clients, BrokerCheck check) {
    Map<String, Object> settings = new HashMap<>(clients.reader());
    settings.putAll(READER_SETTINGS);
    settings.put(
        CommonClientConfigs.CLIENT_ID_CONFIG,
        clients.config().name() + "-" + clients.config().instanceId() + "-letters");
    check.require(settings);
    return new KafkaConsumer<>(settings);
  }
}
