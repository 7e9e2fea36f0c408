package io.exactlyonce.wiring.watch;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.alert.AlertKind;
import io.exactlyonce.alert.AlertMessage;
import io.exactlyonce.alert.Alerts;
import io.exactlyonce.alert.Reading;
import io.exactlyonce.alert.Webhook;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.lag.PartitionLag;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the alerts of each pipeline of this instance whenever its lag was measured, logs their
 * messages and posts them. A message about the whole group is posted by one instance only: the one
 * whose worker owns partition 0 of the first source. While that partition has no owner every
 * instance posts, since several messages are better than none. While the owner is unknown, the last
 * known one counts.
 */
public final class AlertWatch implements Consumer<List<GroupLag>>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AlertWatch.class);

  private final Supplier<? extends Collection<Pipeline>> running;
  private final Optional<Webhook> webhook;
  private final Clock clock;
  private final Map<String, Alerts> alerts = new LinkedHashMap<>();

  /**
   * Whether another instance posts for the group, by pipeline, as last known. For the lag monitor's
   * thread alone.
   */
  private final Map<String, Boolean> spokenFor = new HashMap<>();

  public AlertWatch(
      List<PipelineConfig> configs,
      Supplier<? extends Collection<Pipeline>> running,
      Optional<Webhook> webhook,
      Clock clock) {
    this.running = running;
    this.webhook = webhook;
    this.clock = clock;
    configs.forEach(
        config ->
            alerts.put(
                config.name(), new Alerts(config.name(), config.instanceId(), config.alerts())));
  }

  @Override
  public void accept(List<GroupLag> lags) {
    for (GroupLag lag : lags) {
      running.get().stream()
          .filter(pipeline -> pipeline.config().name().equals(lag.pipeline()))
          .findFirst()
          .ifPresent(pipeline -> LogFields.of(lag.pipeline(), "", () -> look(pipeline, lag)).run());
    }
  }

  private void look(Pipeline pipeline, GroupLag lag) {
    boolean speaks = speaks(pipeline, lag);
    Reading reading = new Reading(clock.instant(), lag, pipeline.status(), pipeline.counters());
    for (AlertMessage message : requireNonNull(alerts.get(lag.pipeline())).check(reading)) {
      if (message.event() == AlertMessage.Event.RESOLVED) {
        LOG.info("{}", message.text());
      } else {
        LOG.warn("{}", message.text());
      }
      if (speaks || message.kind().scope() == AlertKind.Scope.INSTANCE) {
        webhook.ifPresent(to -> to.post(message));
      }
    }
  }

  private boolean speaks(Pipeline pipeline, GroupLag lag) {
    TopicPartition first = new TopicPartition(pipeline.config().source().get(0), 0);
    if (pipeline.status().has(first.toString())) {
      spokenFor.put(lag.pipeline(), false);
      return true;
    }
    lag.partitions().stream()
        .filter(part -> part.partition().equals(first))
        .map(PartitionLag::owner)
        .filter(owner -> owner != null)
        .findFirst()
        .ifPresent(owner -> spokenFor.put(lag.pipeline(), !owner.isEmpty()));
    return !spokenFor.getOrDefault(lag.pipeline(), false);
  }

  /** The alerts of a pipeline that are raised. */
  public List<AlertMessage> raised(String pipeline) {
    return requireNonNull(alerts.get(pipeline)).raised();
  }

  /** Number of messages that could not be posted, since the start. */
  public long failed() {
    return webhook.map(Webhook::failed).orElse(0L);
  }

  @Override
  public void close() {
    webhook.ifPresent(Webhook::close);
  }
}
