package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.deadletter.LetterLook;
import io.exactlyonce.engine.Misconfigured;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.spi.UserCode;
import io.exactlyonce.guard.redis.RedisServers;
import io.exactlyonce.lag.LagMonitor;
import io.exactlyonce.wiring.client.OpenClients;
import io.exactlyonce.wiring.json.StrictJson;
import io.exactlyonce.wiring.tracing.PipelineTracing;
import io.exactlyonce.wiring.watch.CommitWatch;
import io.micronaut.configuration.kafka.config.KafkaDefaultConfiguration;
import io.micronaut.configuration.lettuce.AbstractRedisConfiguration;
import io.micronaut.json.JsonMapper;
import io.micronaut.scheduling.LoomSupport;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes pipelines, and what belongs to them, from the configuration and the application's beans.
 */
@Singleton
final class PipelineFactory {
  /**
   * Concurrency from which handlers run on virtual threads: calls that are so many mostly wait for
   * other systems.
   */
  private static final int MANY_HANDLERS = 16;

  private final HandlerLookup handlers;
  private final JsonMapper json;
  private final StrictJson strict;
  private final Map<String, Object> kafka;
  private final RedisServers redis;
  private final PipelineTracing tracing;
  private final OpenClients open = new OpenClients();

  PipelineFactory(
      HandlerLookup handlers,
      JsonMapper json,
      StrictJson strict,
      KafkaDefaultConfiguration kafka,
      AbstractRedisConfiguration redis,
      PipelineTracing tracing) {
    this.tracing = tracing;
    this.handlers = handlers;
    this.json = json;
    this.strict = strict;
    this.redis = servers(redis);
    this.kafka = new HashMap<>();
    kafka.getConfig().forEach((key, value) -> this.kafka.put(String.valueOf(key), value));
  }

  /**
   * The servers that Micronaut Redis connects to: a cluster where {@code redis.uris} is set; else
   * {@code redis.uri} where that is set, which may name sentinels; else host, port and the other
   * keys.
   */
  private static RedisServers servers(AbstractRedisConfiguration redis) {
    return redis.getUris().isEmpty()
        ? new RedisServers.Primary(redis.getUri().orElse(redis))
        : new RedisServers.Cluster(redis.getUris());
  }

  /**
   * Checks all that can be checked before anything is started: handler, codecs, exception classes
   * and event-id finders.
   *
   * @throws io.exactlyonce.config.ConfigurationException naming the first setting that is wrong
   */
  void check(PipelineConfig config) {
    HandlerLookup.Found found = handlers.find(config);
    try (Codecs codecs = new Codecs(json, strict, config, kafka)) {
      codecs.input(found.input());
      codecs.output();
    }
    RetryClasses.check(config);
    EventIdPlaces.of(config);
  }

  BuiltPipeline build(PipelineConfig config, Misconfigured misconfigured) {
    ClientConfigs configs = new ClientConfigs(config, kafka);
    HandlerLookup.Found found = handlers.find(config);
    Codecs codecs = new Codecs(json, strict, config, kafka);
    GuardParts guard = guard(configs);
    Pipeline pipeline =
        new Pipeline(
            config,
            new LiveClients(configs, EventIdPlaces.of(config), guard, open),
            new UserCode<>(found.handler(), codecs.input(found.input()), codecs.output()),
            tracing.of(config.group()),
            handlerThreads(config),
            Clock.systemUTC(),
            misconfigured);
    return new BuiltPipeline(
        pipeline,
        () -> Optional.ofNullable(guard).map(GuardParts::claims),
        () -> {
          codecs.close();
          if (guard != null) {
            guard.close();
          }
        });
  }

  private @Nullable GuardParts guard(ClientConfigs configs) {
    return configs.config().guard().store() == GuardChoice.REDIS
        ? new GuardParts(configs, redis, ClaimLogs.create(configs))
        : null;
  }

  /** Makes the lag monitor of all pipelines together; the caller starts it. */
  LagMonitor lagMonitor(List<PipelineConfig> configs, Supplier<List<Pipeline>> running) {
    return LagParts.monitor(configs, kafka, running);
  }

  /**
   * Makes the look at a pipeline's dead letters. It opens a client for each look and none before.
   */
  LetterLook letterLook(PipelineConfig config) {
    return LetterParts.look(config, kafka);
  }

  /**
   * Makes the watch of last commits; the caller starts it. It opens clients only while it is asked.
   */
  CommitWatch commitWatch(List<PipelineConfig> configs) {
    return new CommitWatch(configs, config -> CommitParts.open(config, kafka));
  }

  ClientConfigs clients(PipelineConfig config) {
    return new ClientConfigs(config, kafka);
  }

  OpenClients open() {
    return open;
  }

  RedisServers redis() {
    return redis;
  }

  /** Rebuilds the pipeline's claims, also where Redis holds them. */
  GuardRebuild.Rebuilt rebuildGuard(PipelineConfig config, LongConsumer progress) {
    ClientConfigs configs = new ClientConfigs(config, kafka);
    try (GuardParts parts = new GuardParts(configs, redis, ClaimLogs.create(configs))) {
      return new GuardRebuild.Rebuilt(parts.rebuild(progress), parts.warnings());
    }
  }

  static ThreadFactory handlerThreads(PipelineConfig config) {
    if (config.scaling().maxConcurrency(config.concurrency()) >= MANY_HANDLERS
        && LoomSupport.isSupported()) {
      return LoomSupport.newVirtualThreadFactory(config.name() + "-handler");
    }
    return PipelineBuilder.daemons(config);
  }
}
