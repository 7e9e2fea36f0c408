package io.exactlyonce.wiring;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.local.Backends;
import io.micronaut.context.ApplicationContext;
import java.util.HashMap;
import java.util.Map;

/**
 * Pipeline as the application makes it, with its handler's bean and its codecs, for specs that
 * watch it.
 */
public final class StartedPipeline implements AutoCloseable {
  private final ApplicationContext context;
  private final BuiltPipeline built;

  private StartedPipeline(ApplicationContext context, BuiltPipeline built) {
    this.context = context;
    this.built = built;
  }

  /**
   * Starts the application's beans, and one pipeline.
   *
   * @param settings keys below {@code pipelines.<name>}
   * @param application properties of the application, but for where the backends are
   */
  public static StartedPipeline start(
      String name,
      Map<String, String> settings,
      Map<String, Object> application,
      Backends backends) {
    Map<String, Object> properties = new HashMap<>(application);
    properties.put("kafka.bootstrap.servers", backends.bootstrapServers());
    properties.put("redis.uri", backends.redisUri());
    properties.put("micronaut.server.port", -1);
    ApplicationContext context =
        ApplicationContext.builder()
            .overrideConfigLocations("classpath:no-such-file")
            .properties(properties)
            .start();
    PipelineConfig config = PipelineConfig.parse(name, settings, "spec");
    BuiltPipeline built =
        context.getBean(PipelineFactory.class).build(config, (why, atStart) -> {});
    built.pipeline().start();
    return new StartedPipeline(context, built);
  }

  public Pipeline pipeline() {
    return built.pipeline();
  }

  @Override
  public void close() {
    built.close();
    context.close();
  }
}
