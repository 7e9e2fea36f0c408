package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.AdminLife;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the lag of all pipelines of this process at an interval, on a thread and with an admin
 * client of its own: it goes on whatever becomes of the workers, and nothing of theirs waits for
 * it. Every method may be called from any thread.
 */
public final class LagMonitor implements AutoCloseable {
  /**
   * For its admin client: a question to a broker that does not answer is put to another one while
   * there is time left.
   */
  public static final Map<String, Object> ADMIN_SETTINGS =
      Map.of("request.timeout.ms", 2_000, "default.api.timeout.ms", 5_000);

  /** Of each step of a check. */
  public static final Duration BOUND = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(LagMonitor.class);

  /** Before the first check: pipelines create the topics that are missing. */
  private static final Duration START = Duration.ofSeconds(2);

  private static final Duration CLOSE_BOUND = Duration.ofSeconds(1);

  private final LagChecks checks;
  private final Supplier<Admin> admins;
  private final Duration interval;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Consumer<List<GroupLag>>> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::run, "lag-monitor");

  /** Pipelines of which the log says that they cannot be measured; the monitor's thread's. */
  private final Set<String> warned = new HashSet<>();

  private volatile List<GroupLag> latest = List.of();

  /**
   * @param admins makes the client, with {@link #ADMIN_SETTINGS}; what it throws is shown as a
   *     check that failed, and it is asked again at the next one
   */
  public LagMonitor(LagChecks checks, Supplier<Admin> admins, Duration interval) {
    this.checks = checks;
    this.admins = admins;
    this.interval = interval;
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** What the last check found; empty before the first. */
  public List<GroupLag> latest() {
    return latest;
  }

  /**
   * @param listener called after each check by the monitor's thread; must not wait. What it throws
   *     is logged, and ends nothing
   */
  public void onChecked(Consumer<List<GroupLag>> listener) {
    listeners.add(listener);
  }

  private void run() {
    Admin admin = null;
    AdminLife life = null;
    try {
      closed.await(Math.min(START.toMillis(), interval.toMillis()), TimeUnit.MILLISECONDS);
      while (closed.getCount() > 0) {
        try {
          if (life == null || !life.hasMoved()) { // the last check left the client where it was
            admin = renewed(admin);
            life = new AdminLife(admin);
            life.hasMoved();
          }
          show(checks.check(requireNonNull(admin)));
        } catch (InterruptException e) {
          throw e;
        } catch (RuntimeException e) { // without a client, or not foreseen: the next check goes on
          LOG.debug("lag was not measured", e);
          show(checks.cannotMeasure(String.valueOf(e.getMessage())));
        }
        closed.await(interval.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptException | InterruptedException e) {
      LOG.debug("the lag monitor was interrupted, as its close does");
    } finally {
      if (admin != null) {
        admin.close(Duration.ZERO);
      }
    }
  }

  /**
   * @param ended null where there was none before
   */
  private Admin renewed(@Nullable Admin ended) {
    if (ended != null) {
      ended.close(Duration.ZERO);
    }
    return admins.get();
  }

  private void show(List<GroupLag> now) {
    if (closed.getCount() == 0) {
      return; // broken off, and not measured
    }
    now.forEach(this::log);
    latest = now;
    for (Consumer<List<GroupLag>> listener : listeners) {
      try {
        listener.accept(now);
      } catch (RuntimeException e) { // the others are told, and the next check is made
        LOG.warn("what listens to the checks of lag failed: {}", e.toString());
      }
    }
  }

  /** Once for each outage, from its second check on: topics that are missing are being made. */
  private void log(GroupLag lag) {
    String name = lag.pipeline();
    boolean isSecond =
        latest.stream().anyMatch(before -> before.pipeline().equals(name) && !before.isMeasured());
    if (lag.isMeasured() && warned.remove(name)) {
      LOG.info("{}: its lag is measured again", name);
    } else if (!lag.isMeasured() && isSecond && warned.add(name)) {
      LOG.warn("{}: cannot measure its lag since {}: {}", name, lag.since(), lag.cannotMeasure());
    }
  }

  /** Ends the check that is under way, and returns within a second. */
  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    try {
      thread.join(CLOSE_BOUND.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
