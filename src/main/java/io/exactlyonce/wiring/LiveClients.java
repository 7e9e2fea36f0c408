package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.ClientTrial;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.spi.PipelineClients;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.wiring.client.ListedConsumer;
import io.exactlyonce.wiring.client.ListedProducer;
import io.exactlyonce.wiring.client.OpenClients;
import io.exactlyonce.wiring.peer.BrokerCheck;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.NetworkException;
import org.jspecify.annotations.Nullable;

/**
 * Clients of a pipeline's workers, for Kafka and Redis.
 *
 * @param guard null where {@code guard.store} is off
 * @param open lists the clients of workers while they are open
 */
record LiveClients(
    ClientConfigs configs,
    EventIds eventIds,
    @Nullable GuardParts guard,
    BrokerCheck check,
    OpenClients open)
    implements PipelineClients {

  LiveClients(
      ClientConfigs configs, EventIds eventIds, @Nullable GuardParts guard, OpenClients open) {
    this(configs, eventIds, guard, new BrokerCheck(), open);
  }

  /** The bytes of one poll are at most {@code in-flight-bytes} divided by this. */
  private static final int POLLS = 4;

  private static final int DEFAULT_MAX_REQUEST = 1024 * 1024;

  @Override
  public Consumer<byte[], byte[]> consumer(int worker) {
    long most = configs.config().bounds().bytes() / POLLS;
    return reach(
        configs.consumer(worker),
        settings -> new ListedConsumer(settings, most, open, place(worker, "consumer")));
  }

  @Override
  public Producer<byte[], byte[]> transactionalProducer(int worker, String side) {
    return producer(configs.transactionalProducer(worker, side), worker, "producer-" + side);
  }

  @Override
  public Producer<byte[], byte[]> plainProducer(int worker) {
    return producer(configs.producer(configs.config().workerId(worker)), worker, "producer");
  }

  /**
   * {@code max.request.size}, set for all clients or for the pipeline's producers; by default 1
   * MiB.
   */
  @Override
  public int maxRecordBytes() {
    Object set = configs.producer("").get(ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
    return set == null ? DEFAULT_MAX_REQUEST : Integer.parseInt(set.toString().trim());
  }

  private Producer<byte[], byte[]> producer(Map<String, Object> made, int worker, String kind) {
    return reach(made, settings -> new ListedProducer(settings, open, place(worker, kind)));
  }

  private OpenClients.Place place(int worker, String kind) {
    return new OpenClients.Place(configs.config().name(), worker, kind);
  }

  @Override
  public Consumer<byte[], byte[]> reader() {
    return reach(configs.reader(), KafkaConsumer::new);
  }

  @Override
  public Guard guard(int worker) {
    return guard == null ? Guard.off() : guard.guard(worker);
  }

  @Override
  public Backend guardBackend() {
    return guard == null ? () -> {} : guard;
  }

  @Override
  public EffectStore effects() {
    return guard == null ? EffectStore.none() : guard.effects();
  }

  @Override
  public Admin admin() {
    return reach(configs.admin(), Admin::create);
  }

  @Override
  public String brokers() {
    return brokers(configs.admin());
  }

  static String brokers(Map<String, Object> settings) {
    Object set = settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
    return set instanceof Collection<?> all
        ? all.stream().map(String::valueOf).collect(Collectors.joining(","))
        : String.valueOf(set);
  }

  @Override
  public Duration sessionTimeout() {
    return configs.sessionTimeout();
  }

  /**
   * Makes a client. A {@code ConfigException} about names that do not resolve becomes a {@link
   * NetworkException}: Kafka's constructors report such names like a wrong setting, for which a
   * pipeline stops for good, but a machine that is cut off from the network does not resolve names
   * either. Only the text tells the two apart.
   */
  private <C> C reach(Map<String, Object> settings, Function<Map<String, Object>, C> constructor) {
    check.require(settings);
    try {
      return constructor.apply(settings);
    } catch (KafkaException e) {
      if (e.getCause() instanceof ConfigException c
          && ClientTrial.UNRESOLVED.matcher(c.getMessage()).lookingAt()) {
        // Without the cause, which would be treated as a wrong setting.
        throw new NetworkException(
            "bootstrap.servers = "
                + settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)
                + " cannot be resolved; correct the host names, or check this machine's network and"
                + " DNS");
      }
      throw e;
    }
  }
}
