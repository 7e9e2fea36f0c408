package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.GuardChoice;
import io.micronaut.context.ApplicationContext;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Rebuild of a pipeline's claims by the application's own configuration, while its instances may be
 * running.
 */
public final class GuardRebuild {
  private GuardRebuild() {}

  /**
   * Result of a rebuild.
   *
   * @param claims how many were loaded
   * @param missing the claims that could not be loaded; empty where none
   */
  public record Rebuilt(long claims, List<String> missing) {}

  /**
   * Rebuilds the claims of a pipeline.
   *
   * @param properties win over the application's configuration
   * @param progress receives the number of claims loaded so far, now and then
   * @throws ConfigurationException where there is no such pipeline, or it has no guard
   * @throws io.exactlyonce.engine.spi.Backend.UnreachableException where Redis or Kafka does not
   *     answer, or another instance rebuilds; try again
   */
  public static Rebuilt run(
      String pipeline, Map<String, Object> properties, LongConsumer progress) {
    try (ApplicationContext context = NothingStarted.context(properties)) {
      Preflight.check(context);
      context.start();
      PipelineProperties known = context.getBean(PipelineProperties.class);
      known.require(pipeline);
      PipelineConfig config = PipelineConfig.parse(pipeline, known.raw(pipeline), "rebuild-guard");
      if (config.guard().store() == GuardChoice.OFF) {
        throw new ConfigurationException(
            config.key("guard.store"), "off", "there are no claims to rebuild");
      }
      return context.getBean(PipelineFactory.class).rebuildGuard(config, progress);
    }
  }
}
