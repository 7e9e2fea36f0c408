package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.engine.Clients;
import io.exactlyonce.engine.EventIds;
import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.guard.Guard;
import java.time.Duration;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;

/** The real clients of a pipeline. */
record LiveClients(
    ClientConfigs configs,
    EventIds eventIds,
    IntFunction<Guard> guards,
    Supplier<EffectStore> effectStores)
    implements Clients {

  @Override
  public Consumer<byte[], byte[]> consumer(int worker) {
    return new KafkaConsumer<>(configs.consumer(worker));
  }

  @Override
  public Producer<byte[], byte[]> transactionalProducer(int worker, String side) {
    return new KafkaProducer<>(configs.transactionalProducer(worker, side));
  }

  @Override
  public Producer<byte[], byte[]> plainProducer(int worker) {
    return new KafkaProducer<>(configs.producer(configs.config().workerId(worker)));
  }

  @Override
  public Consumer<byte[], byte[]> reader() {
    return new KafkaConsumer<>(configs.reader());
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
    return Admin.create(configs.admin());
  }

  @Override
  public Duration sessionTimeout() {
    return configs.sessionTimeout();
  }
}
