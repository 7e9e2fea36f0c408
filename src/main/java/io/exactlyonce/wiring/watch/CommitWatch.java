package io.exactlyonce.wiring.watch;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.receipt.NewestReceipts;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the workers of each pipeline's whole group committed last, those of other instances too. It
 * looks only while somebody asks, every five seconds on a thread of its own, and has no client open
 * while nobody does. {@link #latest} may be called from any thread and never waits.
 */
public final class CommitWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommitWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Duration ASKED_WITHIN = Duration.ofSeconds(60);

  private final List<PipelineConfig> configs;
  private final Function<PipelineConfig, NewestReceipts> open;
  private final Map<String, Long> askedAt = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Instant>> latest = new ConcurrentHashMap<>();

  /** Those that are open; the thread's alone. */
  private final Map<String, NewestReceipts> looks = new HashMap<>();

  private @Nullable ScheduledExecutorService timer;

  /**
   * @param open begins to look at the receipts of a pipeline
   */
  public CommitWatch(List<PipelineConfig> configs, Function<PipelineConfig, NewestReceipts> open) {
    this.configs = configs;
    this.open = open;
  }

  public synchronized void start() {
    timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "commit-watch");
              thread.setDaemon(true);
              return thread;
            });
    timer.scheduleWithFixedDelay(this::look, 1_000, EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** By worker, as of the last look; empty before the first after somebody asked. */
  public Map<String, Instant> latest(String pipeline) {
    askedAt.put(pipeline, System.nanoTime());
    return latest.getOrDefault(pipeline, Map.of());
  }

  private void look() {
    configs.forEach(this::look);
  }

  private void look(PipelineConfig config) {
    String name = config.name();
    Long asked = askedAt.get(name);
    if (asked == null || System.nanoTime() - asked > ASKED_WITHIN.toNanos()) {
      end(name);
      latest.remove(name);
      return;
    }
    try {
      latest.put(name, looks.computeIfAbsent(name, of -> open.apply(config)).look());
    } catch (RuntimeException e) { // the next look begins anew
      LOG.debug("{}: the newest receipts were not read", name, e);
      end(name);
    }
  }

  private void end(String name) {
    NewestReceipts open = looks.remove(name);
    if (open != null) {
      open.close();
    }
  }

  /** Returns at once; the clients are closed by the thread that uses them, behind its last look. */
  @Override
  public synchronized void close() {
    if (timer != null) {
      timer.execute(() -> configs.forEach(config -> end(config.name())));
      timer.shutdown();
    }
  }
}
