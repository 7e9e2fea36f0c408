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
 * Times of the last commits of all workers of each pipeline's group, those of other instances
 * included. It reads the newest receipts every five seconds, on a thread of its own, until {@link
 * #latest} has not been called for a minute; then it closes its clients. {@code latest} may be
 * called from any thread and never waits.
 */
public final class CommitWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommitWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Duration ASKED_WITHIN = Duration.ofSeconds(60);

  private final List<PipelineConfig> configs;
  private final Function<PipelineConfig, NewestReceipts> open;
  private final Map<String, Long> askedAt = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Instant>> latest = new ConcurrentHashMap<>();

  /** The readers that are open, by pipeline. For the watch's thread alone. */
  private final Map<String, NewestReceipts> looks = new HashMap<>();

  private @Nullable ScheduledExecutorService timer;

  /**
   * @param open opens the reader of a pipeline's receipts
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

  /**
   * Time of the last commit by worker, as of the last reading; empty until the first one after a
   * call.
   */
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
    } catch (RuntimeException e) { // the next look opens a new reader
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

  /** Returns at once. The watch's thread closes its clients, after a look that is under way. */
  @Override
  public synchronized void close() {
    if (timer != null) {
      timer.execute(() -> configs.forEach(config -> end(config.name())));
      timer.shutdown();
    }
  }
}
