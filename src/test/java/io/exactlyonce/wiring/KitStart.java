package io.exactlyonce.wiring;

import io.exactlyonce.config.PipelineConfig;
import io.micronaut.context.ApplicationContext;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Starts one pipeline of the application, with some of its settings replaced. */
public final class KitStart {
  private KitStart() {}

  /**
   * The configuration of a pipeline.
   *
   * @param overrides replace keys below {@code pipelines.<name>}
   */
  public static PipelineConfig configured(
      ApplicationContext context, String name, Map<String, String> overrides) {
    Map<String, String> raw = new HashMap<>(context.getBean(PipelineProperties.class).raw(name));
    raw.putAll(overrides);
    return PipelineConfig.parse(name, raw, "kit");
  }

  /**
   * Starts a pipeline.
   *
   * @param onFatal called where it cannot run as it is configured
   * @return a call that stops it
   */
  public static Runnable start(
      ApplicationContext context, PipelineConfig config, Consumer<RuntimeException> onFatal) {
    BuiltPipeline built =
        context.getBean(PipelineFactory.class).build(config, (why, atStart) -> onFatal.accept(why));
    built.pipeline().start();
    return built::close;
  }
}
