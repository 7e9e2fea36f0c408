package io.exactlyonce.lag;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.engine.status.LogFields;
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
 * Measures the lag of all pipelines of this process at an interval, with its own thread and its own
 * admin client: it goes on when workers fail, and they never wait for it. Every method may be
 * called from any thread.
 */
public final class LagMonitor implements AutoCloseable {
  /**
   * Settings of its admin client. A request's time-out is shorter than the call's, so that a call
   * goes to another broker where one does not answer.
   */
  public static final Map<String, Object> ADMIN_SETTINGS =
      Map.of("request.timeout.ms", 2_000, "default.api.timeout.ms", 5_000);

  /** Bound of each step of a check. */
  public static final Duration BOUND = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(LagMonitor.class);

  /** Longest wait before the first check, while pipelines create the topics that are missing. */
  private static final Duration START = Duration.ofSeconds(2);

  private static final Duration CLOSE_BOUND = Duration.ofSeconds(1);

  private final LagChecks checks;
  private final Supplier<Admin> admins;
  private final Duration interval;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Consumer<List<GroupLag>>> listeners = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::run, "lag-monitor");

  /** Pipelines that were logged as not measurable; for the monitor's thread alone. */
  private final Set<String> warned = new HashSet<>();

  private volatile List<GroupLag> latest = List.of();

  /**
   * @param admins makes the client, with {@link #ADMIN_SETTINGS}; what it throws is shown as a
   *     check that failed, and the next check calls it again
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

  /** The results of the last check; empty before the first. */
  public List<GroupLag> latest() {
    return latest;
  }

  /**
   * Adds a listener.
   *
   * @param listener called by the monitor's thread after each check; must not wait. What it throws
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
          if (life == null || !life.hasMoved()) { // its thread did not run during the last check
            admin = renewed(admin);
            life = new AdminLife(admin);
            life.hasMoved();
          }
          show(checks.check(requireNonNull(admin)));
        } catch (InterruptException e) {
          throw e;
        } catch (RuntimeException e) { // no client, or an unforeseen failure; checks go on
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
   * Closes the client and makes another.
   *
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
      return; // the close has ended the check
    }
    now.forEach(lag -> LogFields.of(lag.pipeline(), "", () -> log(lag)).run());
    latest = now;
    for (Consumer<List<GroupLag>> listener : listeners) {
      try {
        listener.accept(now);
      } catch (RuntimeException e) { // the other listeners are called, and checks go on
        LOG.warn("a listener to the checks of lag failed: {}", e.toString());
      }
    }
  }

  /**
   * Logs each outage once, at its second check: at the first, missing topics may be about to be
   * created.
   */
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
