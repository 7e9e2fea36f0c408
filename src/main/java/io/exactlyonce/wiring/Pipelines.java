package io.exactlyonce.wiring;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.Pipeline;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import jakarta.annotation.PreDestroy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * All pipelines of this instance. Their configuration is checked when the application is put
 * together, so a wrong one ends the start; they run from when the server is up until the
 * application stops.
 */
@Context
public final class Pipelines implements ApplicationEventListener<ServerStartupEvent> {
  private final PipelineFactory factory;
  private final List<PipelineConfig> configs = new ArrayList<>();
  private final List<PipelineFactory.Built> built = new ArrayList<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  Pipelines(PipelineProperties properties, PipelineFactory factory) {
    this.factory = factory;
    InstanceId instance = InstanceId.ofThisProcess();
    for (String name : properties.names()) {
      Map<String, String> raw = properties.raw(name);
      PipelineConfig config = PipelineConfig.parse(name, raw, instance.value());
      instance.check(config, raw);
      configs.add(config);
    }
    configs.forEach(factory::check);
  }

  @Override
  public synchronized void onApplicationEvent(ServerStartupEvent event) {
    for (PipelineConfig config : configs) {
      built.add(factory.build(config, end::completeExceptionally));
    }
    built.forEach(each -> each.pipeline().start());
  }

  /** Of all that are configured, whether or not they run yet. */
  public List<String> names() {
    return configs.stream().map(PipelineConfig::name).toList();
  }

  public synchronized List<Pipeline> all() {
    return built.stream().map(PipelineFactory.Built::pipeline).toList();
  }

  /** Fails where a pipeline cannot run as it is configured; completes when all were stopped. */
  public CompletableFuture<Void> end() {
    return end;
  }

  @PreDestroy
  void stop() {
    List<PipelineFactory.Built> all;
    synchronized (this) {
      all = List.copyOf(built);
    }
    // Side by side: the bound of a clean stop holds for all of them together.
    CompletableFuture.allOf(
            all.stream()
                .map(each -> CompletableFuture.runAsync(each::close, Pipelines::onOwnThread))
                .toArray(CompletableFuture[]::new))
        .join();
    end.complete(null);
  }

  private static void onOwnThread(Runnable task) {
    new Thread(task, "pipeline-stop").start();
  }
}
