package io.exactlyonce.console;

import io.exactlyonce.alert.AlertMessage;
import io.exactlyonce.engine.Pipeline;
import io.exactlyonce.guard.ClaimsState;
import io.exactlyonce.lag.GroupLag;
import io.exactlyonce.ops.access.Acts;
import io.exactlyonce.ops.access.Guarded;
import io.exactlyonce.scaling.ScalingDecision;
import io.exactlyonce.wiring.Pipelines;
import io.exactlyonce.wiring.watch.OtherWorker;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samples the pipelines once a second on a thread of its own, writes the time line, and passes each
 * sample to a listener. No pipeline waits for it, and its memory is bounded as the time line and
 * the history are.
 */
@Singleton
@Requires(property = "console.enabled", notEquals = "false", defaultValue = "true")
final class Sampler implements ApplicationEventListener<ServerStartupEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);

  /** Lag in seconds up to which a pipeline keeps up. */
  private static final double KEEPS_UP_SECONDS = 2;

  private final Pipelines pipelines;
  private final Acts acts;
  private final boolean mayAct;
  private final Clock clock = Clock.systemUTC();
  private final Instant since = clock.instant();
  private final TimeLine line = new TimeLine();
  private final Map<String, Happenings> happenings = new HashMap<>();
  private final Map<String, Rates> rates = new HashMap<>();
  private final Map<String, History> history = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "console");
            thread.setDaemon(true);
            return thread;
          });
  private volatile Consumer<Live> listener = live -> {};
  private volatile BooleanSupplier isWatched = () -> false;
  private volatile @Nullable Live latest;
  private long lastAct;
  private long told;

  Sampler(Pipelines pipelines, Acts acts, Guarded guarded) {
    this.pipelines = pipelines;
    this.acts = acts;
    this.mayAct = guarded.mayAct();
  }

  @Override
  public void onApplicationEvent(ServerStartupEvent event) {
    timer.scheduleAtFixedRate(this::maybeLook, 0, 1, TimeUnit.SECONDS);
  }

  /**
   * Sets the listener of samples, which have the entries of the time line that are new since the
   * last one.
   *
   * @param told called on the thread of the sampler
   * @param watched whether there are viewers; if not, workers of other instances are left out, for
   *     which Kafka has to be asked
   */
  void onLook(Consumer<Live> told, BooleanSupplier watched) {
    listener = told;
    isWatched = watched;
  }

  /** The last sample, with the whole time line and history; null before the first. */
  @Nullable Live latest() {
    Live live = latest;
    return live == null
        ? null
        : new Live(
            live.at(), live.since(), live.mayAct(), live.pipelines(), line.since(0), history());
  }

  private Map<String, Live.OfHistory> history() {
    return history.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().view()));
  }

  private void maybeLook() {
    try {
      look();
    } catch (RuntimeException e) { // an exception would end the timer
      LOG.warn("the console could not look at the pipelines: {}", e.toString());
    }
  }

  private void look() {
    Instant now = clock.instant();
    List<GroupLag> lags = pipelines.lag().map(monitor -> monitor.latest()).orElse(List.of());
    List<Live.OfPipeline> all = new ArrayList<>();
    for (Pipeline pipeline : pipelines.all()) {
      all.add(look(pipeline, now, lags));
    }
    for (Acts.Act act : acts.after(lastAct)) {
      lastAct = act.number();
      line.add(act.at(), "", TimeLine.Kind.ACT, act.status() >= 300, text(act));
    }
    List<TimeLine.Entry> news = line.since(told);
    told = line.version();
    latest = new Live(now, since, mayAct, all, news, null);
    listener.accept(latest);
  }

  private static String text(Acts.Act act) {
    return act.who()
        + ": "
        + act.what()
        + " from "
        + act.from()
        + (act.status() < 300 ? "" : ", refused with " + act.status());
  }

  private Live.OfPipeline look(Pipeline pipeline, Instant now, List<GroupLag> lags) {
    String name = pipeline.config().name();
    Reading reading = Reading.of(pipeline, now, System.nanoTime());
    List<AlertMessage> alerts = pipelines.alerts().raised(name);
    Optional<ScalingDecision> scaling = pipelines.scaling().last(name);
    Optional<ClaimsState> claims = pipelines.claims(name);
    Optional<GroupLag> lag = lags.stream().filter(each -> each.pipeline().equals(name)).findFirst();
    happenings
        .computeIfAbsent(name, key -> new Happenings(line, key))
        .look(reading, alerts, scaling, claims);
    long records = lag.map(GroupLag::records).orElse(0L);
    Rates.Now rate =
        rates
            .computeIfAbsent(name, key -> new Rates())
            .of(
                reading,
                reading.status().workers().size(),
                pipeline.wantedConcurrency(),
                lag.map(GroupLag::seconds).orElse(0.0) > KEEPS_UP_SECONDS);
    history
        .computeIfAbsent(name, key -> new History())
        .add(rate.read(), rate.done(), (double) records);
    List<OtherWorker> others = isWatched.getAsBoolean() ? pipelines.others(pipeline) : List.of();
    return LiveOf.pipeline(pipeline, reading, rate, others, lag, alerts, scaling, claims);
  }

  @PreDestroy
  void close() {
    timer.shutdownNow();
  }
}
