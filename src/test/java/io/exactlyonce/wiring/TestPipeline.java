package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.spi.InputCodec;
import io.exactlyonce.engine.spi.OutputCodec;
import io.exactlyonce.engine.spi.Tracing;
import io.exactlyonce.engine.spi.UserCode;
import io.exactlyonce.guard.redis.RedisServers;
import io.exactlyonce.handler.Handler;
import io.lettuce.core.RedisURI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A running pipeline for text records, without the application around it. Everything in it is real.
 */
public final class TestPipeline implements AutoCloseable {
  private final PipelineFactory.Built built;
  private final OpenClients open;

  private TestPipeline(PipelineFactory.Built built, OpenClients open) {
    this.built = built;
    this.open = open;
  }

  /**
   * @param settings keys below {@code pipelines.<name>}
   */
  public static TestPipeline start(
      String name,
      Map<String, String> settings,
      Handler<String> handler,
      String bootstrapServers,
      String redisUri) {
    InputCodec<String> text = record -> new String(record.value(), StandardCharsets.UTF_8);
    return start(name, settings, handler, text, bootstrapServers, redisUri);
  }

  /** The same for records of any kind. */
  public static <I> TestPipeline start(
      String name,
      Map<String, String> settings,
      Handler<I> handler,
      InputCodec<I> input,
      String bootstrapServers,
      String redisUri) {
    Map<String, Object> kafka = Map.of("bootstrap.servers", bootstrapServers);
    return start(name, settings, handler, input, kafka, redisUri);
  }

  /**
   * @param kafka the common client settings, looked up anew for each client that is made
   */
  public static <I> TestPipeline start(
      String name,
      Map<String, String> settings,
      Handler<I> handler,
      InputCodec<I> input,
      Map<String, Object> kafka,
      String redisUri) {
    return start(name, settings, handler, input, kafka, redisUri, Tracing.off());
  }

  /** The same with spans. */
  public static <I> TestPipeline start(
      String name,
      Map<String, String> settings,
      Handler<I> handler,
      InputCodec<I> input,
      Map<String, Object> kafka,
      String redisUri,
      Tracing tracing) {
    Map<String, String> raw = new HashMap<>(Map.of("topics.partitions", "3"));
    raw.putAll(settings);
    PipelineConfig config = PipelineConfig.parse(name, raw, "test");
    ClientConfigs configs = new ClientConfigs(config, kafka);
    GuardParts guard =
        config.guard().store() == GuardChoice.REDIS
            ? new GuardParts(configs, servers(redisUri), ClaimLogs.create(configs))
            : null;
    OpenClients open = new OpenClients();
    OutputCodec output =
        (topic, headers, isKey, object) -> object.toString().getBytes(StandardCharsets.UTF_8);
    Pipeline pipeline =
        new Pipeline(
            config,
            new LiveClients(configs, EventIdPlaces.of(config), guard, open),
            new UserCode<>(handler, input, output),
            tracing,
            PipelineFactory.handlerThreads(config),
            Clock.systemUTC(),
            (why, atStart) -> {});
    return new TestPipeline(
        new PipelineFactory.Built(
            pipeline.start(), Optional::empty, guard == null ? () -> {} : guard),
        open);
  }

  /** Several addresses are nodes of a cluster; one of sentinels has commas too. */
  private static RedisServers servers(String redisUri) {
    return redisUri.contains(",redis")
        ? new RedisServers.Cluster(
            Arrays.stream(redisUri.split(",")).map(RedisURI::create).toList())
        : new RedisServers.Primary(RedisURI.create(redisUri));
  }

  public Pipeline pipeline() {
    return built.pipeline();
  }

  /** Of its workers. */
  public OpenClients clients() {
    return open;
  }

  @Override
  public void close() {
    built.close();
  }
}
