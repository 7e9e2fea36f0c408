package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.guard.ClaimLog;
import io.exactlyonce.guard.KafkaClaimLog;
import java.time.Clock;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** What Kafka knows of a pipeline's claims. */
final class ClaimLogs {
  private ClaimLogs() {}

  static ClaimLog create(ClientConfigs configs) {
    PipelineConfig config = configs.config();
    return new KafkaClaimLog(
        () -> Admin.create(configs.admin()),
        () -> new KafkaConsumer<>(configs.reader()),
        new KafkaClaimLog.Scope(
            config.group(),
            config.source(),
            config.receipts(),
            config.transactionalPrefix(),
            config.guard().window()),
        EventIdPlaces.of(config)::findUsable,
        Clock.systemUTC());
  }
}
