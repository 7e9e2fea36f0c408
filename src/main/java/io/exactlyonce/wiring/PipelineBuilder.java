package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.engine.Misconfigured;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.spi.InputCodec;
import io.exactlyonce.engine.spi.OutputCodec;
import io.exactlyonce.engine.spi.Tracing;
import io.exactlyonce.engine.spi.UserCode;
import io.exactlyonce.guard.redis.RedisServers;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.wiring.client.OpenClients;
import io.lettuce.core.RedisURI;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Builds one pipeline without Micronaut, for applications with another container or none. The
 * settings are those of the manual; the handler and its codecs are passed in.
 *
 * <p>No class that it uses depends on Micronaut, HTTP or the command line; a spec enforces this.
 * Not thread-safe. Each call of {@link #build} makes another pipeline.
 *
 * @param <I> what the handler takes
 */
public final class PipelineBuilder<I> {
  /** Settings that are refused here, since codecs are passed in instead. */
  private static final List<String> BY_CODECS =
      List.of(
          "key-deserializer", "value-deserializer", "key-serializer", "value-serializer", "json");

  private final String name;
  private final Handler<I> handler;
  private final InputCodec<I> input;
  private final OpenClients open = new OpenClients();
  private final Map<String, String> settings = new HashMap<>();

  private Map<String, Object> kafka = Map.of();
  private OutputCodec output = PipelineBuilder::refuse;
  private Tracing tracing = Tracing.off();
  private Misconfigured misconfigured = (why, atStart) -> {};
  private @Nullable RedisServers redis;
  private @Nullable ThreadFactory handlerThreads;

  private PipelineBuilder(String name, Handler<I> handler, InputCodec<I> input) {
    this.name = name;
    this.handler = handler;
    this.input = input;
  }

  /**
   * Begins a builder with neither settings nor Kafka properties.
   *
   * @param name of the pipeline, and of its consumer group where the settings name none
   * @param input decodes records to what the handler takes
   */
  public static <I> PipelineBuilder<I> of(String name, Handler<I> handler, InputCodec<I> input) {
    return new PipelineBuilder<>(name, handler, input);
  }

  /**
   * Adds settings. A key that was added before gets its new value.
   *
   * @param more values by keys as they stand below {@code pipelines.<name>}, such as {@code source}
   *     or {@code guard.window}; lists are separated by commas
   */
  public PipelineBuilder<I> settings(Map<String, String> more) {
    settings.putAll(more);
    return this;
  }

  /**
   * Sets the properties that all Kafka clients share; none by default.
   *
   * @param common {@code bootstrap.servers}, security and others, by Kafka's names; read again for
   *     each client that is made
   */
  public PipelineBuilder<I> kafka(Map<String, Object> common) {
    kafka = common;
    return this;
  }

  /**
   * Sets the address of Redis, as {@code redis://host:6379}. Several addresses are nodes of one
   * cluster. Needed unless {@code guard.store} is {@code off}.
   *
   * @throws IllegalArgumentException where an address is none
   */
  public PipelineBuilder<I> redis(String... uris) {
    List<RedisURI> all = Arrays.stream(uris).map(RedisURI::create).toList();
    return redis(
        all.size() == 1 ? new RedisServers.Primary(all.get(0)) : new RedisServers.Cluster(all));
  }

  PipelineBuilder<I> redis(RedisServers servers) {
    redis = servers;
    return this;
  }

  /**
   * Sets the codec of outputs that are neither bytes nor text. Without one such an output makes its
   * record a dead letter.
   */
  public PipelineBuilder<I> output(OutputCodec codec) {
    output = codec;
    return this;
  }

  /** Sets what makes the records' spans; by default none are made. */
  public PipelineBuilder<I> tracing(Tracing spans) {
    tracing = spans;
    return this;
  }

  /** Sets the factory of the threads that handlers run on; daemon threads by default. */
  public PipelineBuilder<I> handlerThreads(ThreadFactory factory) {
    handlerThreads = factory;
    return this;
  }

  /**
   * Sets what is called, once, if the pipeline cannot run as it is configured; nothing by default.
   */
  public PipelineBuilder<I> misconfigured(Misconfigured told) {
    misconfigured = told;
    return this;
  }

  /**
   * Makes the pipeline, which sends nothing to Kafka or Redis before it is started.
   *
   * @throws ConfigurationException naming the setting, its value and the remedy
   */
  public BuiltPipeline build() {
    InstanceId instance = InstanceId.ofThisProcess();
    PipelineConfig config = PipelineConfig.parse(name, settings, instance.value());
    instance.check(config, settings);
    requireCodecs(config);
    RetryClasses.check(config);
    ClientConfigs configs = new ClientConfigs(config, kafka);
    GuardParts guard = guard(configs);
    Pipeline pipeline =
        new Pipeline(
            config,
            new LiveClients(configs, EventIdPlaces.of(config), guard, open),
            new UserCode<>(handler, input, output),
            tracing,
            handlerThreads == null ? daemons(config) : handlerThreads,
            Clock.systemUTC(),
            misconfigured);
    return new BuiltPipeline(
        pipeline,
        () -> Optional.ofNullable(guard).map(GuardParts::claims),
        guard == null ? () -> {} : guard);
  }

  /**
   * Makes the pipeline and starts it. Returns at once: the pipeline waits for Kafka and Redis on a
   * thread of its own.
   *
   * @throws ConfigurationException as {@link #build} does
   */
  public BuiltPipeline start() {
    BuiltPipeline built = build();
    built.pipeline().start();
    return built;
  }

  /** The Kafka clients of the workers, while they are open. */
  OpenClients clients() {
    return open;
  }

  /** Refuses settings that have no effect here, since a user would expect one. */
  private void requireCodecs(PipelineConfig config) {
    for (String key : BY_CODECS) {
      String value = settings.get(key);
      if (value != null) {
        throw new ConfigurationException(
            config.key(key),
            value,
            "has no effect with PipelineBuilder; pass a codec to it instead, and remove this");
      }
    }
  }

  private @Nullable GuardParts guard(ClientConfigs configs) {
    PipelineConfig config = configs.config();
    if (config.guard().store() != GuardChoice.REDIS) {
      return null;
    }
    if (redis == null) {
      throw new ConfigurationException(
          config.key("guard.store"),
          "redis",
          "needs a Redis; call PipelineBuilder.redis with its address, or set it to off");
    }
    return new GuardParts(configs, redis, ClaimLogs.create(configs));
  }

  static ThreadFactory daemons(PipelineConfig config) {
    String name = config.name() + "-handler";
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private static byte[] refuse(
      String topic, Object headers, boolean isKey, @Nullable Object object) {
    throw new IllegalStateException(
        "output to "
            + topic
            + " is neither bytes nor text, and PipelineBuilder.output was given no codec for it");
  }
}
