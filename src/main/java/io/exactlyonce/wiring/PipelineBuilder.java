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
 * Puts one pipeline together without Micronaut, for an application that has another container or
 * none: the settings are those of the manual, the handler and its codecs are given.
 *
 * <p>Nothing that it reaches knows Micronaut, HTTP or the command line; a spec holds that. Used by
 * one thread. Each call of {@link #build} makes another pipeline.
 */
public final class PipelineBuilder<I> {
  /** What they name is given here as codecs. */
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
   * @param name of the pipeline, and of its consumer group where the settings name none
   * @param input makes of a record what the handler takes
   */
  public static <I> PipelineBuilder<I> of(String name, Handler<I> handler, InputCodec<I> input) {
    return new PipelineBuilder<>(name, handler, input);
  }

  /**
   * Adds settings, over those that were added before.
   *
   * @param more keys as they stand below {@code pipelines.<name>}: {@code source}, {@code
   *     guard.window}; lists with commas
   */
  public PipelineBuilder<I> settings(Map<String, String> more) {
    settings.putAll(more);
    return this;
  }

  /**
   * Sets what all Kafka clients have in common.
   *
   * @param common {@code bootstrap.servers}, security; looked up anew for each client that is made
   */
  public PipelineBuilder<I> kafka(Map<String, Object> common) {
    kafka = common;
    return this;
  }

  /** Where Redis is, as {@code redis://host:6379}; of a cluster some nodes. */
  public PipelineBuilder<I> redis(String... uris) {
    List<RedisURI> all = Arrays.stream(uris).map(RedisURI::create).toList();
    return redis(
        all.size() == 1 ? new RedisServers.Primary(all.get(0)) : new RedisServers.Cluster(all));
  }

  PipelineBuilder<I> redis(RedisServers servers) {
    redis = servers;
    return this;
  }

  /** What outputs are written by that are neither bytes nor text; without it they are refused. */
  public PipelineBuilder<I> output(OutputCodec codec) {
    output = codec;
    return this;
  }

  /** Off where it is left out. */
  public PipelineBuilder<I> tracing(Tracing spans) {
    tracing = spans;
    return this;
  }

  /** What handlers run on where concurrency is above 1; daemon threads where it is left out. */
  public PipelineBuilder<I> handlerThreads(ThreadFactory factory) {
    handlerThreads = factory;
    return this;
  }

  /** Who is told, once, where the pipeline cannot run as it is configured. */
  public PipelineBuilder<I> misconfigured(Misconfigured told) {
    misconfigured = told;
    return this;
  }

  /**
   * Makes the pipeline; nothing is asked of Kafka or Redis before it is started.
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

  /** Makes the pipeline and starts it. It waits for Kafka and Redis on a thread of its own. */
  public BuiltPipeline start() {
    BuiltPipeline built = build();
    built.pipeline().start();
    return built;
  }

  /** The Kafka clients of the workers, while they are open. */
  OpenClients clients() {
    return open;
  }

  /** A setting that has no effect would be believed to have one. */
  private void requireCodecs(PipelineConfig config) {
    for (String key : BY_CODECS) {
      String value = settings.get(key);
      if (value != null) {
        throw new ConfigurationException(
            config.key(key), value, "is not read here; give PipelineBuilder a codec that does it");
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
