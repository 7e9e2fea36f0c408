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
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
      Map<Receipts, List<Cost>> costs = new EnumMap<>(Receipts.class);
      for (int round = -1; round < ROUNDS; round++) {
        // Each begins every other round: whoever comes second finds the broker in another state.
        boolean isOdd = round % 2 != 0;
        for (Receipts receipts : isOdd ? ODD : EVEN) {
          Cost cost = cost(backends, kafka, receipts, round);
          if (round >= 0) { // the first warms up
            System.out.printf(
                Locale.ROOT,
                "%d %s %,.0f records/s, CPU %.3f us a record%n",
                round,
                receipts,
                cost.rate(),
                cost.cpuMicros());
            costs.computeIfAbsent(receipts, any -> new ArrayList<>()).add(cost);
          }
        }
      }
      report("records/s", costs, Cost::rate);
      report("CPU of worker and broker, us a record", costs, Cost::cpuMicros);
    }
  }

  /**
   * @param cpuMicros of this process and the broker's, per record: what other processes take makes
   *     rates scatter, and this less
   */
  private record Cost(double rate, double cpuMicros) {}

  private static void report(
      String what, Map<Receipts, List<Cost>> costs, ToDoubleFunction<Cost> figure) {
    double[] with = costs.get(Receipts.WRITTEN).stream().mapToDouble(figure).toArray();
    double[] without = costs.get(Receipts.DROPPED).stream().mapToDouble(figure).toArray();
    double[] ratios = IntStream.range(0, ROUNDS).mapToDouble(i -> with[i] / without[i]).toArray();
    System.out.printf(
        Locale.ROOT,
        "%s: receipts written %,.3f, dropped %,.3f, ratio of medians %.3f, median of the rounds'"
            + " ratios %.3f (%d rounds)%n",
        what,
        median(with),
        median(without),
        median(with) / median(without),
        median(ratios),
        ROUNDS);
  }

  private static List<ProducerRecord<byte[], byte[]>> records() {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      records.add(new ProducerRecord<>("in", i % PARTITIONS, null, new byte[100]));
    }
    return records;
  }

  private static Cost cost(
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
      double cpu = cpuMicros(backends);
      await(() -> committed(kafka, name) == RECORDS);
      long took = System.nanoTime() - began;
      return new Cost(
          (RECORDS - before) / (took / 1e9), (cpuMicros(backends) - cpu) / (RECORDS - before));
    }
  }

  private static double cpuMicros(EmbeddedBackends backends) {
    ProcessHandle broker = ProcessHandle.of(backends.kafka().node(0).pid()).orElseThrow();
    return Stream.of(ProcessHandle.current(), broker)
        .mapToDouble(process -> process.info().totalCpuDuration().orElseThrow().toNanos() / 1e3)
        .sum();
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

  private static double median(double[] values) {
    double[] sorted = Arrays.stream(values).sorted().toArray();
    int half = sorted.length / 2;
    return (sorted[half] + sorted[sorted.length - 1 - half]) / 2;
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
