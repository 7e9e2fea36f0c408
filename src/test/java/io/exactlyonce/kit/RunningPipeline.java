package io.exactlyonce.kit;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.local.Await;
import io.exactlyonce.local.Backends;
import io.exactlyonce.local.KafkaHelper;
import io.exactlyonce.wiring.BuiltPipeline;
import io.exactlyonce.wiring.PipelineBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Integration tests of one pipeline, on a real Kafka and a real Redis: send events, expect outputs.
 *
 * <p>Its handler, codecs and settings are the application's. Its source and its group are its own,
 * so that specs do not see each other's events. The sinks are those that the handler names; of
 * their records only this pipeline's outputs are returned.
 */
public final class RunningPipeline implements AutoCloseable {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final int PARTITIONS = 3;

  /** A running pipeline. */
  record Started(PipelineConfig config, KitJson json, Runnable stop) {}

  private final KafkaHelper kafka;
  private final AtomicReference<RuntimeException> fatal = new AtomicReference<>();
  private final Started started;
  private final KitProgress progress;

  private RunningPipeline(Backends backends, Function<Consumer<RuntimeException>, Started> start) {
    kafka = new KafkaHelper(backends.bootstrapServers());
    started = start.apply(fatal::set);
    progress = new KitProgress(kafka.admin(), started.config());
  }

  /** The settings, with a source, group and instance of their own where they name none. */
  private static Map<String, String> own(String name, Map<String, String> settings) {
    String own = name + "-" + UUID.randomUUID().toString().substring(0, 8);
    Map<String, String> all = new HashMap<>(settings);
    all.putIfAbsent("source", own);
    all.putIfAbsent("group", own);
    all.putIfAbsent("instance-id", own);
    all.putIfAbsent("topics.partitions", Integer.toString(PARTITIONS));
    return all;
  }

  /** Starts the pipeline of this name as it is configured. */
  public static RunningPipeline of(String name, Backends backends) {
    return of(name, Map.of(), backends);
  }

  /**
   * Starts the pipeline of this name.
   *
   * @param settings replace keys below {@code pipelines.<name>}
   */
  public static RunningPipeline of(String name, Map<String, String> settings, Backends backends) {
    return of(name, settings, backends, Map.of("redis.uri", backends.redisUri()));
  }

  /**
   * Starts the pipeline of this name with another Redis.
   *
   * @param settings replace keys below {@code pipelines.<name>}
   * @param redis keys of the application for the address of Redis, in place of the backends' one
   */
  public static RunningPipeline of(
      String name, Map<String, String> settings, Backends backends, Map<String, String> redis) {
    Map<String, Object> properties = new HashMap<>(redis);
    properties.put("kafka.bootstrap.servers", backends.bootstrapServers());
    properties.put("micronaut.server.port", -1);
    return new RunningPipeline(
        backends, fatal -> MicronautKit.start(name, own(name, settings), properties, fatal));
  }

  /**
   * Starts the pipeline of an application without Micronaut, as it builds it. The addresses of
   * Kafka and Redis are set here.
   */
  public static RunningPipeline of(PipelineBuilder<?> builder, KitJson json, Backends backends) {
    return new RunningPipeline(
        backends,
        fatal -> {
          BuiltPipeline built =
              builder
                  .settings(own("kit", Map.of()))
                  .kafka(Map.of("bootstrap.servers", backends.bootstrapServers()))
                  .redis(backends.redisUri())
                  .misconfigured((why, atStart) -> fatal.accept(why))
                  .start();
          return new Started(built.pipeline().config(), json, built::close);
        });
  }

  /**
   * Writes an event to the source.
   *
   * @param value bytes and text are written as they are, anything else as JSON
   */
  public void send(String id, String key, Object value) {
    await(() -> progress.hasTopics());
    Header eventId = new RecordHeader("event-id", id.getBytes(StandardCharsets.UTF_8));
    byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    kafka.produce(
        List.of(
            new ProducerRecord<>(
                config().source().get(0), null, keyBytes, bytes(value), List.of(eventId))));
  }

  /** The values of this pipeline's outputs to the topic, once all that was sent is committed. */
  public <T> List<T> outputs(String topic, Class<T> type) {
    List<T> values = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records(topic)) {
      try {
        values.add(record.value() == null ? null : read(record.value(), type));
      } catch (IOException e) {
        throw new UncheckedIOException("output to " + topic + " is no " + type.getName(), e);
      }
    }
    return values;
  }

  /** This pipeline's outputs to the topic, once all that was sent is committed. */
  public List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    await(progress::isSettled);
    String mine = config().source().get(0) + "-";
    return kafka.readCommitted(topic).stream().filter(record -> comesFrom(record, mine)).toList();
  }

  /** The pipeline's dead letters, once all that was sent is committed. */
  public List<Letter> deadLetters() {
    await(progress::isSettled);
    return kafka.readCommitted(config().deadLetters()).stream().map(Letter::new).toList();
  }

  public PipelineConfig config() {
    return started.config();
  }

  private static boolean comesFrom(ConsumerRecord<byte[], byte[]> record, String source) {
    Header position = record.headers().lastHeader("source-position");
    return position != null
        && new String(position.value(), StandardCharsets.UTF_8).startsWith(source);
  }

  private <T> T read(byte[] bytes, Class<T> type) throws IOException {
    return type == String.class
        ? type.cast(new String(bytes, StandardCharsets.UTF_8))
        : started.json().read(bytes, type);
  }

  private byte[] bytes(Object value) {
    if (value == null || value instanceof byte[]) {
      return (byte[]) value;
    }
    try {
      return value instanceof String text
          ? text.getBytes(StandardCharsets.UTF_8)
          : started.json().write(value);
    } catch (IOException e) {
      throw new UncheckedIOException("an event cannot be written as JSON", e);
    }
  }

  private void await(BooleanSupplier condition) {
    boolean met = Await.within(BOUND, () -> fatal.get() != null || condition.getAsBoolean());
    if (fatal.get() != null) {
      throw fatal.get();
    }
    if (!met) {
      throw new AssertionError(config().name() + " did not come to an end within " + BOUND);
    }
  }

  @Override
  public void close() {
    started.stop().run();
    kafka.close();
  }
}
