package io.exactlyonce.engine;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.group.InstanceCheck;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.spi.PipelineClients;
import io.exactlyonce.engine.start.StartChecks;
import io.exactlyonce.engine.start.StartWarning;
import io.exactlyonce.engine.topic.TopicLimits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until Kafka and the guard's backend answer and the start checks pass. The supervisor's
 * thread alone calls it, except for {@link #warnings}, which any thread may call.
 */
final class BackendWait {
  private static final Logger LOG = LoggerFactory.getLogger(BackendWait.class);
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(1);

  private final PipelineConfig config;
  private final PipelineClients clients;
  private final TopicLimits limits;
  private final Duration brokerCall;
  private final CountDownLatch stopRequested;
  private final Consumer<Trouble> waiting;
  private final InstanceCheck instanceCheck;
  private volatile List<String> warnings = List.of();
  private boolean hadToWait;
  private String said = "";

  /** Whether the last attempt failed at the guard's backend. */
  private boolean isGuardAway;

  /**
   * @param brokerCall time limit of each call to Kafka
   * @param waiting called at each failed attempt with what is waited for
   */
  BackendWait(
      PipelineConfig config,
      PipelineClients clients,
      TopicLimits limits,
      Duration brokerCall,
      CountDownLatch stopRequested,
      Consumer<Trouble> waiting) {
    this.config = config;
    this.clients = clients;
    this.limits = limits;
    this.brokerCall = brokerCall;
    this.stopRequested = stopRequested;
    this.waiting = waiting;
    this.instanceCheck = new InstanceCheck(config, clients.sessionTimeout(), brokerCall);
  }

  /**
   * Repeats the checks until they pass, and logs each change of what it waits for.
   *
   * @return an admin client, to be closed by the caller; null where a stop was requested meanwhile
   * @throws ConfigurationException where a check fails for a reason that waiting does not change
   */
  @Nullable Admin await() throws InterruptedException {
    while (stopRequested.getCount() > 0) {
      Admin admin = null;
      isGuardAway = false;
      try {
        admin = clients.admin();
        warn(new StartChecks(config, admin, brokerCall).run(limits));
        isGuardAway = true; // until its check has passed
        clients.guardBackend().check();
        isGuardAway = false;
        instanceCheck.run(admin);
        return admin;
      } catch (ConfigurationException | InterruptedException e) {
        closeQuietly(admin);
        throw e;
      } catch (Exception e) { // unreachable, not resolvable, no leader: temporary
        closeQuietly(admin);
        if (!(e instanceof Backend.UnreachableException)) {
          instanceCheck.postOutage();
        }
        waitFor(e);
        hadToWait = true;
      }
      if (stopRequested.await(BETWEEN_ATTEMPTS.toMillis(), TimeUnit.MILLISECONDS)) {
        return null;
      }
    }
    return null;
  }

  /** Logs the warnings that the previous run of the checks did not give. */
  private void warn(List<StartWarning> concerns) {
    List<String> texts = concerns.stream().map(StartWarning::text).toList();
    texts.stream()
        .filter(text -> !warnings.contains(text))
        .forEach(text -> LOG.warn("{}: {}", config.name(), text));
    warnings = texts;
  }

  private void waitFor(Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String what =
        e instanceof Backend.UnreachableException
            ? String.valueOf(e.getMessage())
            : "waiting for Kafka: " + (isSilence(cause) ? silence() : cause.getMessage());
    if (!what.equals(said)) {
      LOG.warn("{}: {}", config.name(), what);
      said = what;
    }
    waiting.accept(new Trouble(what, isGuardAway ? what : ""));
  }

  /** Whether a call has timed out; the client's message then names the call and not the brokers. */
  private static boolean isSilence(Throwable cause) {
    return cause instanceof java.util.concurrent.TimeoutException
        || cause instanceof TimeoutException
        || cause.getMessage() == null;
  }

  private String silence() {
    return clients.brokers() + " has not answered within " + brokerCall.toMillis() + "ms";
  }

  private static void closeQuietly(@Nullable Admin admin) {
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }

  /**
   * Prepares for another {@link #await} after the pipeline has run. The checks have passed before,
   * so {@link #hadToWait} is true from here on, whatever the next attempt finds.
   */
  void postRestart() {
    hadToWait = true;
    instanceCheck.postOutage();
    said = "";
  }

  /** Whether an attempt has failed and was repeated, or the pipeline has run before. */
  boolean hadToWait() {
    return hadToWait;
  }

  /** The warnings of the last start checks that passed. */
  List<String> warnings() {
    return warnings;
  }
}
