package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.OnIncompleteRebuild;
import io.exactlyonce.config.value.OnMissingId;
import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.guard.ClaimLog;
import io.exactlyonce.guard.RetryOrigin;
import io.exactlyonce.guard.claimlog.KafkaClaimLog;
import io.exactlyonce.wiring.peer.BrokerCheck;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;

/** Makes the log of a pipeline's claims, with its Kafka clients. */
final class ClaimLogs {
  private ClaimLogs() {}

  static ClaimLog create(ClientConfigs configs) {
    PipelineConfig config = configs.config();
    BrokerCheck check = new BrokerCheck();
    String announcer = KafkaClaimLog.announcerId(config.group());
    return new KafkaClaimLog(
        new KafkaClaimLog.Clients(
            checked(check, configs::admin, Admin::create),
            checked(check, configs::reader, KafkaConsumer::new),
            checked(check, configs::uncommittedReader, KafkaConsumer::new),
            checked(check, () -> configs.announcer(announcer), KafkaProducer::new)),
        new KafkaClaimLog.Scope(
            config.group(),
            config.source(),
            config.receipts(),
            config.transactionalPrefix(),
            config.guard().window(),
            config.guard().onMissingId() == OnMissingId.DEAD_LETTER,
            config.guard().onIncompleteRebuild() == OnIncompleteRebuild.REFUSE),
        new AsThePipeline(EventIdPlaces.of(config), RetryTopic.prefix(config.group())),
        Clock.systemUTC());
  }

  private static <C> Supplier<C> checked(
      BrokerCheck check,
      Supplier<Map<String, Object>> settings,
      Function<Map<String, Object>, C> constructor) {
    return () -> {
      Map<String, Object> with = settings.get();
      check.require(with);
      return constructor.apply(with);
    };
  }

  /**
   * Finds the event id and the claiming position of records as the pipeline does, also in its retry
   * topics.
   *
   * @param retryTopics beginning of the names of the group's retry topics, those included that are
   *     not configured any more
   */
  private record AsThePipeline(EventIds ids, String retryTopics)
      implements KafkaClaimLog.Claimants {
    @Override
    public byte @Nullable [] eventId(ConsumerRecord<byte[], byte[]> record) {
      return ids.findUsable(retried(record).map(from -> from.restore(record)).orElse(record));
    }

    @Override
    public byte @Nullable [] origin(ConsumerRecord<byte[], byte[]> record) {
      return retried(record).map(RetryOrigin::claim).orElse(null);
    }

    private Optional<RetryOrigin> retried(ConsumerRecord<byte[], byte[]> record) {
      return record.topic().startsWith(retryTopics) ? RetryOrigin.find(record) : Optional.empty();
    }
  }
}
