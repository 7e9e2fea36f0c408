package io.exactlyonce.engine.start;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.StartChecksChoice;
import io.exactlyonce.engine.topic.TopicLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What can be known of the cluster before the first record. Throws {@link ConfigurationException}
 * where somebody has to change something, and the client's exception where it should be tried
 * again.
 */
public final class StartChecks {
  private static final Logger LOG = LoggerFactory.getLogger(StartChecks.class);

  private final PipelineConfig config;
  private final Admin admin;
  private final Duration timeout;

  public StartChecks(PipelineConfig config, Admin admin, Duration timeout) {
    this.config = config;
    this.admin = admin;
    this.timeout = timeout;
  }

  /**
   * @param limits takes what the pipeline's own topics allow
   * @return what works but should be changed
   */
  public List<StartWarning> run(TopicLimits limits)
      throws ExecutionException, TimeoutException, InterruptedException {
    List<StartWarning> concerns;
    try {
      concerns = concerns(limits);
    } catch (ExecutionException e) {
      throw refusal(e);
    }
    if (config.startChecks() == StartChecksChoice.STRICT && !concerns.isEmpty()) {
      concerns.forEach(concern -> LOG.error("{}: {}", config.name(), concern.text()));
      throw concerns.get(0).refusal();
    }
    return concerns;
  }

  private List<StartWarning> concerns(TopicLimits limits)
      throws ExecutionException, TimeoutException, InterruptedException {
    ClusterView cluster = new ClusterView(admin, timeout);
    Refusing findings = new Refusing(new ArrayList<>());
    // First: a topic that must not be seen looks like one that is missing.
    new AccessChecks(config, cluster, findings).run();
    new ClusterChecks(config, cluster, findings).run();
    new TopicSetup(config, admin, timeout).run();
    new OwnTopics(config, admin, timeout, findings).check(limits, topic -> true);
    int partitions = new TopicChecks(config, cluster, findings).run(topic -> true);
    if (config.startChecks() == StartChecksChoice.STRICT) {
      // Else it is the scale's to warn of, which knows when it is no longer so.
      findings.concerns().addAll(IdleWorkers.find(config, config.workers(), partitions));
    }
    return findings.concerns();
  }

  /** The first refusal ends the start. */
  private record Refusing(List<StartWarning> concerns) implements StartFindings {
    @Override
    public void refuse(StartWarning concern) {
      throw concern.refusal();
    }

    @Override
    public void warn(StartWarning concern) {
      concerns.add(concern);
    }
  }

  /** Waiting does not help against what is denied; it does against anything else. */
  private static ExecutionException refusal(ExecutionException e) {
    denied(e)
        .ifPresent(
            concern -> {
              throw concern.refusal();
            });
    return e;
  }

  /** What is denied; empty where the failure is another one, against which waiting may help. */
  static Optional<StartWarning> denied(ExecutionException e) {
    if (e.getCause() instanceof AuthorizationException denied) {
      return Optional.of(
          new StartWarning(
              "kafka authorization",
              "denied",
              denied.getMessage() + "; allow it to this instance's principal with kafka-acls.sh"));
    }
    if (e.getCause() instanceof AuthenticationException denied) {
      return Optional.of(
          new StartWarning(
              "kafka authentication",
              "refused",
              denied.getMessage() + "; check kafka.security.protocol and kafka.sasl.*"));
    }
    return Optional.empty();
  }
}
