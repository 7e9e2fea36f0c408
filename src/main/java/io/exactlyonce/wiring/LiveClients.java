package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.engine.Clients;
import io.exactlyonce.engine.EventIds;
import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.guard.Guard;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.NetworkException;

/** The real clients of a pipeline. */
record LiveClients(
    ClientConfigs configs,
    EventIds eventIds,
    IntFunction<Guard> guards,
    Supplier<EffectStore> effectStores)
    implements Clients {
  /** Of none of the hosts; and of one of them, where client.dns.lookup wants canonical names. */
  private static final Pattern UNRESOLVED =
      Pattern.compile("No resolvable bootstrap urls|Unknown host in bootstrap.servers");

  @Override
  public Consumer<byte[], byte[]> consumer(int worker) {
    return reach(configs.consumer(worker), KafkaConsumer::new);
  }

  @Override
  public Producer<byte[], byte[]> transactionalProducer(int worker, String side) {
    return reach(configs.transactionalProducer(worker, side), KafkaProducer::new);
  }

  @Override
  public Producer<byte[], byte[]> plainProducer(int worker) {
    return reach(configs.producer(configs.config().workerId(worker)), KafkaProducer::new);
  }

  @Override
  public Consumer<byte[], byte[]> reader() {
    return reach(configs.reader(), KafkaConsumer::new);
  }

  @Override
  public Guard guard(int worker) {
    return guards.apply(worker);
  }

  @Override
  public EffectStore effects() {
    return effectStores.get();
  }

  @Override
  public Admin admin() {
    return reach(configs.admin(), Admin::create);
  }

  @Override
  public Duration sessionTimeout() {
    return configs.sessionTimeout();
  }

  /**
   * Kafka's constructors call names that nobody resolves a wrong setting (ConfigException), as they
   * call a wrong port. But a network that is cut off takes its names along, and whoever is told of
   * a setting gives up for good. Kafka tells the two apart by the text alone.
   */
  private static <C> C reach(
      Map<String, Object> settings, Function<Map<String, Object>, C> constructor) {
    try {
      return constructor.apply(settings);
    } catch (KafkaException e) {
      if (e.getCause() instanceof ConfigException c
          && UNRESOLVED.matcher(c.getMessage()).lookingAt()) {
        // Without the cause, which would be taken for a setting again.
        throw new NetworkException(
            "bootstrap.servers = "
                + settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)
                + " cannot be resolved; check these names where they are mistyped, or this machine's"
                + " network and DNS");
      }
      throw e;
    }
  }
}
