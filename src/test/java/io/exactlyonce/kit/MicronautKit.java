package io.exactlyonce.kit;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.wiring.KitStart;
import io.micronaut.context.ApplicationContext;
import io.micronaut.json.JsonMapper;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The parts of the kit that use Micronaut, which an application with the engine's jar may not have.
 */
final class MicronautKit {
  private MicronautKit() {}

  static KitJson json() {
    return json(JsonMapper.createDefault());
  }

  private static KitJson json(JsonMapper mapper) {
    return KitJson.of(mapper::writeValueAsBytes, mapper::readValue);
  }

  /**
   * Starts the application's pipeline of this name.
   *
   * @param settings replace keys below {@code pipelines.<name>}
   * @param properties of the application
   */
  static RunningPipeline.Started start(
      String name,
      Map<String, String> settings,
      Map<String, Object> properties,
      Consumer<RuntimeException> onFatal) {
    ApplicationContext context = ApplicationContext.builder().properties(properties).start();
    PipelineConfig config = KitStart.configured(context, name, settings);
    Runnable stop = KitStart.start(context, config, onFatal);
    return new RunningPipeline.Started(
        config,
        json(context.getBean(JsonMapper.class)),
        () -> {
          stop.run();
          context.close();
        });
  }
}
