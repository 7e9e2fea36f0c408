package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.deadletter.LetterLook;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.engine.status.PipelineState;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.guard.ClaimsState;
import io.exactlyonce.lag.LagMonitor;
import io.exactlyonce.scaling.ScalingPeriods;
import io.exactlyonce.wiring.client.OpenClients;
import io.exactlyonce.wiring.watch.AlertWatch;
import io.exactlyonce.wiring.watch.AlertWebhook;
import io.exactlyonce.wiring.watch.CommitWatch;
import io.exactlyonce.wiring.watch.OtherWorker;
import io.exactlyonce.wiring.watch.ScalingWatch;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import jakarta.annotation.PreDestroy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * All pipelines of this instance. The constructor checks their configuration, so that a wrong one
 * ends the application's start. They run from the server's start until the application stops.
 */
@Context
public final class Pipelines implements ApplicationEventListener<ServerStartupEvent> {
  private final PipelineProperties properties;
  private final PipelineFactory factory;
  private final List<PipelineConfig> configs = new ArrayList<>();
  private final List<BuiltPipeline> built = new ArrayList<>();
  private final Map<String, LetterLook> letters = new HashMap<>();
  private final Optional<LagMonitor> lag;
  private final CommitWatch commits;
  private final AlertWatch alerts;
  private final ScalingWatch scaling;
  private final AtomicBoolean isStopping = new AtomicBoolean();
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  Pipelines(PipelineProperties properties, PipelineFactory factory, AlertWebhook webhook) {
    this.properties = properties;
    this.factory = factory;
    InstanceId instance = InstanceId.ofThisProcess();
    for (String name : properties.names()) {
      Map<String, String> raw = properties.raw(name);
      PipelineConfig config = PipelineConfig.parse(name, raw, instance.value());
      instance.check(config, raw);
      configs.add(config);
    }
    configs.forEach(factory::check);
    configs.forEach(config -> letters.put(config.name(), factory.letterLook(config)));
    lag =
        configs.isEmpty()
            ? Optional.empty()
            : Optional.of(factory.lagMonitor(List.copyOf(configs), this::all));
    commits = factory.commitWatch(List.copyOf(configs));
    alerts = new AlertWatch(List.copyOf(configs), this::all, webhook.open(), Clock.systemUTC());
    scaling =
        new ScalingWatch(
            List.copyOf(configs), this::all, ScalingPeriods.DEFAULT, Clock.systemUTC());
    lag.ifPresent(monitor -> monitor.onChecked(alerts));
    lag.ifPresent(monitor -> monitor.onChecked(scaling));
  }

  @Override
  public synchronized void onApplicationEvent(ServerStartupEvent event) {
    for (PipelineConfig config : configs) {
      built.add(factory.build(config, this::handleMisconfigured));
    }
    built.forEach(each -> each.pipeline().start());
    lag.ifPresent(LagMonitor::start);
    commits.start();
  }

  /**
   * Ends the process where a pipeline cannot run as it is configured, and either this is found at
   * the start or no other pipeline runs. Otherwise the others go on, and the status of this one
   * says why it does not run.
   */
  private void handleMisconfigured(ConfigurationException why, boolean atStart) {
    if (atStart || all().stream().noneMatch(Pipelines::isRunning)) {
      end.completeExceptionally(why);
    }
  }

  private static boolean isRunning(Pipeline pipeline) {
    return pipeline.status().state() == PipelineState.RUNNING;
  }

  public synchronized List<Pipeline> all() {
    return built.stream().map(BuiltPipeline::pipeline).toList();
  }

  /** The lag monitor of all pipelines; empty where there are none. */
  public Optional<LagMonitor> lag() {
    return lag;
  }

  /** The Kafka clients of all workers that are open. */
  public OpenClients clients() {
    return factory.open();
  }

  /** The alerts of all pipelines. */
  public AlertWatch alerts() {
    return alerts;
  }

  /** The decisions about workers and concurrency of all pipelines. */
  public ScalingWatch scaling() {
    return scaling;
  }

  /** The look at the dead letters of the pipeline of this name; empty where there is none. */
  public Optional<LetterLook> letters(String pipeline) {
    return Optional.ofNullable(letters.get(pipeline));
  }

  /**
   * The state of the claims of the pipeline of this name; empty where it has no guard or was not
   * started.
   */
  public synchronized Optional<ClaimsState> claims(String pipeline) {
    return built.stream()
        .filter(each -> each.pipeline().config().name().equals(pipeline))
        .findFirst()
        .flatMap(each -> each.claims().get());
  }

  /**
   * The workers of other instances that own partitions, by the last check of the lag. A call has
   * the receipts read in the background for the next minute; until the first reading, some seconds
   * later, the times of last commits are missing.
   */
  public List<OtherWorker> others(Pipeline pipeline) {
    String name = pipeline.config().name();
    Set<String> own =
        pipeline.status().workers().stream().map(WorkerStatus::worker).collect(Collectors.toSet());
    Map<String, Instant> last = commits.latest(name);
    return lag.stream()
        .flatMap(monitor -> monitor.latest().stream())
        .filter(found -> found.pipeline().equals(name))
        .flatMap(found -> OtherWorker.of(found, own, last).stream())
        .toList();
  }

  /** The settings of Kafka clients of the pipeline of this name; empty where there is none. */
  public Optional<ClientConfigs> clients(String pipeline) {
    return configs.stream()
        .filter(config -> config.name().equals(pipeline))
        .findFirst()
        .map(factory::clients);
  }

  /**
   * Rebuilds the claims of a pipeline, while instances of its group may be running.
   *
   * @param progress receives the number of claims loaded so far, now and then
   * @throws io.exactlyonce.engine.spi.Backend.UnreachableException where Redis or Kafka does not
   *     answer, or another instance rebuilds; try again
   */
  public GuardRebuild.Rebuilt rebuildGuard(String pipeline, LongConsumer progress) {
    PipelineConfig config =
        PipelineConfig.parse(pipeline, properties.raw(pipeline), "rebuild-guard");
    return factory.rebuildGuard(config, progress);
  }

  /**
   * Completes when all pipelines were stopped; fails with a {@link ConfigurationException} where
   * the process has to end because a pipeline cannot run as it is configured.
   */
  public CompletableFuture<Void> end() {
    return end;
  }

  /** The longest {@code stop-timeout} of the pipelines; zero where there are none. */
  Duration stopTimeout() {
    return configs.stream()
        .map(PipelineConfig::stopTimeout)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  @PreDestroy
  void endHere() {
    stop();
    end.complete(null);
  }

  /**
   * Stops all pipelines at the first call, and waits for their end. {@link BoundedStop} calls it
   * before beans are closed.
   */
  void stop() {
    if (!isStopping.compareAndSet(false, true)) {
      return;
    }
    List<Runnable> all = new ArrayList<>();
    synchronized (this) {
      built.forEach(each -> all.add(each::close));
    }
    lag.ifPresent(monitor -> all.add(monitor::close));
    all.add(alerts::close);
    all.add(commits::close);
    // In parallel, so that all of them stop within the bound of one.
    CompletableFuture.allOf(
            all.stream()
                .map(each -> CompletableFuture.runAsync(each, Pipelines::onOwnThread))
                .toArray(CompletableFuture[]::new))
        .join();
  }

  private static void onOwnThread(Runnable task) {
    new Thread(task, "pipeline-stop").start();
  }
}
