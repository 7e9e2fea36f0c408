package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.Clients;
import io.exactlyonce.engine.EventIds;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.exactlyonce.local.Await;
import io.exactlyonce.local.EmbeddedBackends;
import io.exactlyonce.local.KafkaHelper;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What receipts cost: the same records through the same pipeline, in turns with its receipts and
 * with a producer that drops them.
 *
 * <p>{@code mvn -q test-compile org.codehaus.mojo:exec-maven-plugin:3.6.4:exec
 * -Dexec.classpathScope=test -Dexec.executable=java "-Dexec.args=-cp %classpath
 * io.exactlyonce.wiring.ReceiptFigures"}: in a JVM of its own, for Maven's compiles for a fast
 * start.
 */
public final class ReceiptFigures {
  private static final int RECORDS = 2_000_000;
  private static final int AT_ONCE = 500_000;
  private static final int PARTITIONS = 12;
  private static final int ROUNDS = 8;
  private static final Duration BOUND = Duration.ofMinutes(3);

  /** Whether a round's receipts reach the broker. */
  private enum Receipts {
    WRITTEN,
    DROPPED
  }

  private static final List<Receipts> EVEN = List.of(Receipts.WRITTEN, Receipts.DROPPED);
  private static final List<Receipts> ODD = List.of(Receipts.DROPPED, Receipts.WRITTEN);

  private ReceiptFigures() {}

  public static void main(String[] args) {
    try (EmbeddedBackends backends = EmbeddedBackends.start();
        KafkaHelper kafka = new KafkaHelper(backends.bootstrapServers())) {
      kafka.createTopic("in", PARTITIONS, Map.of());
      kafka.createTopic("out", PARTITIONS, Map.of());
      for (int sent = 0; sent < RECORDS; sent += AT_ONCE) {
        kafka.produce(records());
      }
      List<Double> with = new ArrayList<>();
      List<Double> without = new ArrayList<>();
      for (int round = -1; round < ROUNDS; round++) {
        // Each begins every other round: whoever comes second finds the broker in another state.
        boolean isOdd = round % 2 != 0;
        for (Receipts receipts : isOdd ? ODD : EVEN) {
          double rate = rate(backends, kafka, receipts, round);
          if (round >= 0) { // the first warms up
            System.out.printf(Locale.ROOT, "%d %s %,.0f records/s%n", round, receipts, rate);
            (receipts == Receipts.WRITTEN ? with : without).add(rate);
          }
        }
      }
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        ratios.add(with.get(round) / without.get(round));
      }
      System.out.printf(
          Locale.ROOT,
          "receipts written %,.0f records/s, dropped %,.0f, ratio of medians %.3f, median of the"
              + " rounds' ratios %.3f (%d rounds)%n",
          median(with),
          median(without),
          median(with) / median(without),
          median(ratios),
          ROUNDS);
    }
  }

  private static List<ProducerRecord<byte[], byte[]>> records() {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      records.add(new ProducerRecord<>("in", i % PARTITIONS, null, new byte[100]));
    }
    return records;
  }

  private static double rate(
      EmbeddedBackends backends, KafkaHelper kafka, Receipts receipts, int round) {
    String name = receipts.name().toLowerCase(Locale.ROOT) + (round + 1);
    PipelineConfig config =
        PipelineConfig.parse(
            name, Map.of("source", "in", "sinks", "out", "guard.store", "off"), "figures");
    ClientConfigs configs =
        new ClientConfigs(config, Map.of("bootstrap.servers", backends.bootstrapServers()));
    Handler<byte[]> copy = event -> Outcome.emit(Output.to("out", event.key(), event.value()));
    Clients live =
        new LiveClients(configs, new EventIds(List.of()), worker -> Guard.off(), EffectStore::none);
    Clients clients = receipts == Receipts.WRITTEN ? live : new WithoutReceipts(live, configs);
    try (Pipeline pipeline =
        new Pipeline(
            config,
            clients,
            copy,
            record -> record.value(),
            (topic, object) -> object.toString().getBytes(StandardCharsets.UTF_8),
            PipelineFactory.mostBytes(configs),
            Thread::new,
            Clock.systemUTC(),
            () -> {},
            fatal -> {})) {
      pipeline.start();
      // What is there once, the receipts' first look for their topic, is no part of a throughput.
      await(() -> committed(kafka, name) > 0);
      long before = committed(kafka, name);
      long began = System.nanoTime();
      await(() -> committed(kafka, name) == RECORDS);
      return (RECORDS - before) / ((System.nanoTime() - began) / 1e9);
    }
  }

  private static void await(BooleanSupplier condition) {
    if (!Await.within(BOUND, condition)) {
      throw new IllegalStateException("it did not come to an end within " + BOUND);
    }
  }

  private static long committed(KafkaHelper kafka, String group) {
    try {
      return kafka
          .admin()
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get()
          .values()
          .stream()
          .mapToLong(OffsetAndMetadata::offset)
          .sum();
    } catch (ExecutionException e) {
      return 0; // the group is not there yet
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return (sorted.get(half) + sorted.get(sorted.size() - 1 - half)) / 2;
  }

  /** A pipeline's clients but for one thing. */
  private record WithoutReceipts(Clients clients, ClientConfigs configs) implements Clients {
    @Override
    public Consumer<byte[], byte[]> consumer(int worker) {
      return clients.consumer(worker);
    }

    @Override
    public Producer<byte[], byte[]> transactionalProducer(int worker, String side) {
      return new Dropping(configs.transactionalProducer(worker, side), configs.config().receipts());
    }

    @Override
    public Producer<byte[], byte[]> plainProducer(int worker) {
      return clients.plainProducer(worker);
    }

    @Override
    public Consumer<byte[], byte[]> reader() {
      return clients.reader();
    }

    @Override
    public Guard guard(int worker) {
      return clients.guard(worker);
    }

    @Override
    public EffectStore effects() {
      return clients.effects();
    }

    @Override
    public Admin admin() {
      return clients.admin();
    }

    @Override
    public EventIds eventIds() {
      return clients.eventIds();
    }

    @Override
    public Duration sessionTimeout() {
      return clients.sessionTimeout();
    }
  }

  /** Says that it has written what goes to one topic, and has not. */
  private static final class Dropping extends KafkaProducer<byte[], byte[]> {
    private final String topic;

    Dropping(Map<String, Object> settings, String topic) {
      super(settings);
      this.topic = topic;
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> sent, Callback callback) {
      if (!sent.topic().equals(topic)) {
        return super.send(sent, callback);
      }
      RecordMetadata nowhere = new RecordMetadata(new TopicPartition(topic, 0), -1, 0, 0, 0, 0);
      if (callback != null) {
        callback.onCompletion(nowhere, null);
      }
      return CompletableFuture.completedFuture(nowhere);
    }
  }
}
