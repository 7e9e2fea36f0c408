package io.exactlyonce.wiring;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.spi.InputCodec;
import io.exactlyonce.engine.spi.Tracing;
import io.exactlyonce.guard.redis.RedisServers;
import io.exactlyonce.handler.Handler;
import io.exactlyonce.wiring.client.OpenClients;
import io.lettuce.core.RedisURI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Running pipeline for specs, without the application around it. None of its parts is a stand-in.
 */
public final class TestPipeline implements AutoCloseable {
  private final BuiltPipeline built;
  private final OpenClients open;

  private TestPipeline(BuiltPipeline built, OpenClients open) {
    this.built = built;
    this.open = open;
  }

  /**
   * Starts a pipeline for text records.
   *
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

  /** Starts a pipeline for records of any kind. */
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
   * Starts a pipeline with further settings of the Kafka clients.
   *
   * @param kafka the common client settings, read again for each client that is made
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

  /** Starts a pipeline with spans. */
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
    raw.putIfAbsent("instance-id", "test");
    PipelineBuilder<I> builder =
        PipelineBuilder.of(name, handler, input)
            .settings(raw)
            .kafka(kafka)
            .redis(servers(redisUri))
            .output(
                (topic, headers, isKey, object) ->
                    object.toString().getBytes(StandardCharsets.UTF_8))
            .tracing(tracing)
            .handlerThreads(
                PipelineFactory.handlerThreads(PipelineConfig.parse(name, raw, "test")));
    return new TestPipeline(builder.start(), builder.clients());
  }

  /**
   * The servers of a URI. Several addresses are nodes of a cluster; one address may have commas
   * too, between its sentinels.
   */
  private static RedisServers servers(String redisUri) {
    return redisUri.contains(",redis")
        ? new RedisServers.Cluster(
            Arrays.stream(redisUri.split(",")).map(RedisURI::create).toList())
        : new RedisServers.Primary(RedisURI.create(redisUri));
  }

  public Pipeline pipeline() {
    return built.pipeline();
  }

  /** The open Kafka clients of its workers. */
  public OpenClients clients() {
    return open;
  }

  @Override
  public void close() {
    built.close();
  }
}
