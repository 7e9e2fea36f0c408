package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.OldestRecord;
import io.exactlyonce.lag.KnownTimes;
import io.exactlyonce.lag.LagChecks;
import io.exactlyonce.lag.LagMonitor;
import io.exactlyonce.lag.OldestRecords;
import io.exactlyonce.lag.RecordTime;
import io.exactlyonce.lag.Watched;
import io.exactlyonce.wiring.peer.BrokerCheck;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Makes the lag monitor: one for all pipelines, which share their cluster. */
final class LagParts {
  private LagParts() {}

  /**
   * @param configs of all pipelines; at least one
   * @param kafka the common client settings
   * @param running the pipelines that were started so far
   */
  static LagMonitor monitor(
      List<PipelineConfig> configs,
      Map<String, Object> kafka,
      Supplier<? extends Collection<Pipeline>> running) {
    ClientConfigs clients = new ClientConfigs(configs.get(0), kafka);
    BrokerCheck check = new BrokerCheck();
    Duration interval =
        configs.stream().map(PipelineConfig::lagCheckEvery).min(Duration::compareTo).orElseThrow();
    LagChecks checks =
        new LagChecks(
            configs.stream().map(LagParts::watched).toList(),
            () -> reader(clients, check),
            known(running),
            brokers(clients),
            LagMonitor.BOUND,
            interval,
            Clock.systemUTC());
    return new LagMonitor(checks, () -> admin(clients, check), interval);
  }

  private static Watched watched(PipelineConfig config) {
    return new Watched(config.name(), config.group(), Set.copyOf(config.subscribed()));
  }

  private static Admin admin(ClientConfigs clients, BrokerCheck check) {
    Map<String, Object> settings = new HashMap<>(clients.admin());
    settings.putAll(LagMonitor.ADMIN_SETTINGS);
    settings.put(
        CommonClientConfigs.CLIENT_ID_CONFIG, "lag-monitor-" + clients.config().instanceId());
    check.require(settings);
    return Admin.create(settings);
  }

  private static Consumer<byte[], byte[]> reader(ClientConfigs clients, BrokerCheck check) {
    Map<String, Object> settings = new HashMap<>(clients.reader());
    settings.putAll(OldestRecords.READER_SETTINGS);
    check.require(settings);
    return new KafkaConsumer<>(settings);
  }

  private static String brokers(ClientConfigs clients) {
    return LiveClients.brokers(clients.admin());
  }

  private static KnownTimes known(Supplier<? extends Collection<Pipeline>> running) {
    return name ->
        running.get().stream()
            .filter(pipeline -> pipeline.config().name().equals(name))
            .flatMap(pipeline -> pipeline.oldest().stream())
            .collect(
                Collectors.toMap(OldestRecord::partition, LagParts::time, (one, other) -> one));
  }

  private static RecordTime time(OldestRecord oldest) {
    return new RecordTime(oldest.offset(), oldest.timestamp());
  }
}
