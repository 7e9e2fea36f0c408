package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.spi.PipelineClients;
import io.exactlyonce.engine.spi.Tracing;
import io.exactlyonce.engine.spi.UserCode;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.handler.Outcome;
import io.exactlyonce.handler.Output;
import io.exactlyonce.local.Await;
import io.exactlyonce.local.EmbeddedBackends;
import io.exactlyonce.local.KafkaHelper;
import io.exactlyonce.wiring.client.OpenClients;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Measures what receipts cost. A pipeline processes records at a steady pace that leaves the cores
 * room; in turns of two seconds its receipts are written or dropped. At full speed two runs differ
 * by more than this cost; at a steady pace the CPU time does not, and turns next to each other
 * share the heap, the compiled code and the broker's state.
 *
 * <p>A transaction has one receipt, however many records it has, so the cost depends on
 * transactions per second. Here they are as many as the commit allows, and the result is the cost
 * of one receipt: the mean of many pairs of turns, with twice its standard error.
 *
 * <p>{@code mvn -q test-compile org.codehaus.mojo:exec-maven-plugin:3.6.4:exec
 * -Dexec.classpathScope=test -Dexec.executable=java "-Dexec.args=-cp %classpath
 * io.exactlyonce.wiring.ReceiptFigures"}: in a JVM of its own, since Maven's has no optimizing
 * compiler.
 */
public final class ReceiptFigures {
  private static final int RECORDS = 6_000_000;
  private static final int AT_ONCE = 500_000;
  private static final int PARTITIONS = 12;
  private static final int PACE = 50_000;
  private static final Duration BOUND = Duration.ofMinutes(3);

  private static final String INTERVAL = "10ms";

  /** Most receipts a second by the default commit-interval, 40 ms; as many at full speed. */
  private static final double DEFAULT_RECEIPTS_A_SECOND = 25;

  private static final double CORES = Runtime.getRuntime().availableProcessors();

  /** Long enough that transactions which are only partly in a measurement are few. */
  private static final Duration WINDOW = Duration.ofSeconds(2);

  /** For the end of transactions that began in the turn before. */
  private static final Duration BETWEEN = Duration.ofMillis(300);

  /** Records before the first measurement, while code is compiled. */
  private static final int WARM_UP = 1_000_000;

  /** Whether receipts reach the broker. */
  private enum Receipts {
    WRITTEN,
    DROPPED
  }

  /** Their order changes, since the second of a pair finds the heap fuller. */
  private static final List<Receipts> TURNS =
      List.of(Receipts.WRITTEN, Receipts.DROPPED, Receipts.DROPPED, Receipts.WRITTEN);

  private final EmbeddedBackends backends;
  private final KafkaHelper kafka;
  private final AtomicReference<Receipts> rule = new AtomicReference<>(Receipts.WRITTEN);
  private final LongAdder handled = new LongAdder();

  /** For the handler's thread alone. */
  private long paceBegan;

  private final LongAdder receipts = new LongAdder();
  private final List<Double> receiptsASecond = new ArrayList<>();
  private final List<Double> millisPerReceipt = new ArrayList<>();

  private ReceiptFigures(EmbeddedBackends backends, KafkaHelper kafka) {
    this.backends = backends;
    this.kafka = kafka;
  }

  public static void main(String[] args) {
    try (EmbeddedBackends backends = EmbeddedBackends.start();
        KafkaHelper kafka = new KafkaHelper(backends.bootstrapServers())) {
      kafka.createTopic("in", PARTITIONS, Map.of());
      kafka.createTopic("out", PARTITIONS, Map.of("retention.bytes", "50000000"));
      for (int sent = 0; sent < RECORDS; sent += AT_ONCE) {
        kafka.produce(records());
      }
      ReceiptFigures figures = new ReceiptFigures(backends, kafka);
      figures.measure("figures");
      figures.report();
    }
  }

  /**
   * @param cpuMillis CPU time of this process and the broker's, per second
   */
  private record Cost(double cpuMillis, double receiptsASecond) {}

  private void report() {
    double mean = mean(millisPerReceipt);
    double squares =
        millisPerReceipt.stream().mapToDouble(one -> (one - mean) * (one - mean)).sum();
    int pairs = millisPerReceipt.size();
    double scatter = 2 * Math.sqrt(squares / (pairs - 1) / pairs);
    // A core has 1,000 of these milliseconds in a second.
    double share = DEFAULT_RECEIPTS_A_SECOND / 1000 / CORES * 100;
    System.out.printf(
        Locale.ROOT,
        "%.1f receipts/s; one takes %.2f ms of CPU, worker and broker, plus or minus %.2f (two"
            + " standard errors of %d pairs); 25 a second %.2f %% of %.0f cores, plus or minus"
            + " %.2f%n",
        mean(receiptsASecond),
        mean,
        scatter,
        pairs,
        mean * share,
        CORES,
        scatter * share);
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  private static List<ProducerRecord<byte[], byte[]>> records() {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      records.add(new ProducerRecord<>("in", i % PARTITIONS, null, new byte[100]));
    }
    return records;
  }

  private void measure(String name) {
    PipelineConfig config =
        PipelineConfig.parse(
            name,
            Map.of(
                "source", "in",
                "sinks", "out",
                "guard.store", "off",
                "commit-interval", INTERVAL,
                "commit-floor", INTERVAL),
            "figures");
    ClientConfigs configs =
        new ClientConfigs(config, Map.of("bootstrap.servers", backends.bootstrapServers()));
    Handler<byte[]> copy =
        event -> {
          keepPace();
          handled.increment();
          return Outcome.emit(Output.to("out", event.key(), event.value()));
        };
    PipelineClients live =
        new LiveClients(configs, EventIds.of(List.of(), place -> null), null, new OpenClients());
    try (Pipeline pipeline =
        new Pipeline(
            config,
            new ByRule(live, configs, rule, receipts),
            new UserCode<>(
                copy,
                ConsumerRecord::value,
                (topic, headers, isKey, object) ->
                    object.toString().getBytes(StandardCharsets.UTF_8)),
            Tracing.off(),
            Thread::new,
            Clock.systemUTC(),
            (why, atStart) -> {})) {
      pipeline.start();
      await(() -> handled.sum() > WARM_UP);
      while (true) {
        Map<Receipts, Cost> pair = new EnumMap<>(Receipts.class);
        for (Receipts receipts : TURNS) {
          Cost cost = window(receipts);
          if (handled.sum() >= RECORDS - AT_ONCE) {
            return; // what is left is too little for a window
          }
          pair.put(receipts, cost);
          if (pair.size() == 2) {
            tell(pair.get(Receipts.WRITTEN), pair.get(Receipts.DROPPED));
            pair.clear();
          }
        }
      }
    }
  }

  private void tell(Cost written, Cost dropped) {
    System.out.printf(
        Locale.ROOT,
        "CPU written %.0f, dropped %.0f ms a second; %.1f receipts/s%n",
        written.cpuMillis(),
        dropped.cpuMillis(),
        written.receiptsASecond());
    receiptsASecond.add(written.receiptsASecond());
    millisPerReceipt.add((written.cpuMillis() - dropped.cpuMillis()) / written.receiptsASecond());
  }

  /** Waits while the handler is ahead of the pace. With concurrency 1 one thread calls it. */
  private void keepPace() {
    long count = handled.sum();
    if (count % (PACE / 100) != 0) {
      return;
    }
    if (count == 0) {
      paceBegan = System.nanoTime();
    }
    long due = paceBegan + count * 1_000_000_000L / PACE;
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private Cost window(Receipts kept) {
    rule.set(kept);
    pass(BETWEEN);
    long before = receipts.sum();
    double cpu = cpuMillis();
    long began = System.nanoTime();
    pass(WINDOW);
    double seconds = (System.nanoTime() - began) / 1e9;
    return new Cost((cpuMillis() - cpu) / seconds, (receipts.sum() - before) / seconds);
  }

  private static void pass(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private double cpuMillis() {
    ProcessHandle broker = ProcessHandle.of(backends.kafka().node(0).pid()).orElseThrow();
    return Stream.of(ProcessHandle.current(), broker)
        .mapToDouble(process -> process.info().totalCpuDuration().orElseThrow().toNanos() / 1e6)
        .sum();
  }

  private static void await(BooleanSupplier condition) {
    if (!Await.within(BOUND, condition)) {
      throw new IllegalStateException("it did not come to an end within " + BOUND);
    }
  }

  /** Clients of a pipeline whose transactional producers can drop receipts. */
  private record ByRule(
      PipelineClients clients,
      ClientConfigs configs,
      AtomicReference<Receipts> rule,
      LongAdder written)
      implements PipelineClients {
    @Override
    public Consumer<byte[], byte[]> consumer(int worker) {
      return clients.consumer(worker);
    }

    @Override
    public Producer<byte[], byte[]> transactionalProducer(int worker, String side) {
      return new Switched(
          configs.transactionalProducer(worker, side), configs.config().receipts(), rule, written);
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
    public Backend guardBackend() {
      return clients.guardBackend();
    }

    @Override
    public int maxRecordBytes() {
      return clients.maxRecordBytes();
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
    public String brokers() {
      return clients.brokers();
    }

    @Override
    public Duration sessionTimeout() {
      return clients.sessionTimeout();
    }
  }

  /** Producer that drops receipts while the rule says so, and reports them as written. */
  private static final class Switched extends KafkaProducer<byte[], byte[]> {
    private final String topic;
    private final AtomicReference<Receipts> rule;
    private final LongAdder written;

    Switched(
        Map<String, Object> settings,
        String topic,
        AtomicReference<Receipts> rule,
        LongAdder written) {
      super(settings);
      this.topic = topic;
      this.rule = rule;
      this.written = written;
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> sent, Callback callback) {
      if (!sent.topic().equals(topic)) {
        return super.send(sent, callback);
      }
      if (rule.get() == Receipts.WRITTEN) {
        written.increment();
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
