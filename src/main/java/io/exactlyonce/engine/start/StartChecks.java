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
 * Checks a cluster before a pipeline's first worker starts: access rights, brokers, topics. Creates
 * the topics that are missing, where {@code topics.partitions} is set.
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
   * Makes all checks.
   *
   * @param limits takes the largest records that the pipeline's own topics accept
   * @return warnings: the pipeline works, but these should be changed
   * @throws ConfigurationException where something has to be changed before the pipeline can start;
   *     with {@code start-checks: strict} also for a warning
   * @throws ExecutionException where Kafka fails for another reason; to be tried again
   * @throws TimeoutException where a request has no answer in time; to be tried again
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
    // First: the other checks would take a topic without DESCRIBE for a missing one.
    new AccessChecks(config, cluster, findings).run();
    new ClusterChecks(config, cluster, findings).run();
    new TopicSetup(config, admin, timeout).run();
    new OwnTopics(config, admin, timeout, findings).check(limits, topic -> true);
    int partitions = new TopicChecks(config, cluster, findings).run(topic -> true);
    if (config.startChecks() == StartChecksChoice.STRICT) {
      // Otherwise WorkerCount warns of idle workers: the number of workers can change at run time.
      findings.concerns().addAll(IdleWorkers.find(config, config.workers(), partitions));
    }
    return findings.concerns();
  }

  /** Throws the first refusal, and collects warnings. */
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

  /** Throws a refusal where Kafka denied the request; returns other failures, which may pass. */
  private static ExecutionException refusal(ExecutionException e) {
    denied(e)
        .ifPresent(
            concern -> {
              throw concern.refusal();
            });
    return e;
  }

  /** The finding for a denied authorization or authentication; empty for other failures. */
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
