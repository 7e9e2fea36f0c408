package io.exactlyonce.engine.start;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.status.StartIssue;
import io.exactlyonce.engine.topic.TopicLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/**
 * Makes the checks of a start without starting anything: lists all findings instead of ending at
 * the first refusal, and creates no topic.
 */
public final class StartLook {
  /** Largest request of the producers, in bytes; no finding depends on it. */
  private static final int ANY_REQUEST = 1024 * 1024;

  private final PipelineConfig config;
  private final Admin admin;
  private final Duration timeout;
  private final List<StartIssue> issues = new ArrayList<>();

  /**
   * @param timeout of each request to the brokers
   */
  public StartLook(PipelineConfig config, Admin admin, Duration timeout) {
    this.config = config;
    this.admin = admin;
    this.timeout = timeout;
  }

  /** A check that asks the brokers. */
  private interface Check {
    void run() throws ExecutionException, TimeoutException, InterruptedException;
  }

  /**
   * Makes all checks. A denied request is a finding.
   *
   * @throws ExecutionException where a request fails for another reason
   * @throws TimeoutException where a request has no answer in time
   */
  public List<StartIssue> run() throws ExecutionException, TimeoutException, InterruptedException {
    ClusterView cluster = new ClusterView(admin, timeout);
    Listing access = new Listing(StartIssue.Area.ACCESS, issues);
    Listing brokers = new Listing(StartIssue.Area.BROKERS, issues);
    attempt(access, () -> new AccessChecks(config, cluster, access).run());
    attempt(brokers, () -> new ClusterChecks(config, cluster, brokers).run());
    Listing topics = new Listing(StartIssue.Area.TOPICS, issues);
    attempt(topics, () -> topics(cluster, topics));
    return List.copyOf(issues);
  }

  private void topics(ClusterView cluster, Listing findings)
      throws ExecutionException, TimeoutException, InterruptedException {
    TopicSetup setup = new TopicSetup(config, admin, timeout);
    Set<String> existing = setup.existing();
    missing(setup, existing, findings);
    attempt(
        findings,
        () ->
            new OwnTopics(config, admin, timeout, findings)
                .check(new TopicLimits(ANY_REQUEST), existing::contains));
    int partitions = new TopicChecks(config, cluster, findings).run(existing::contains);
    if (existing.containsAll(config.source())) {
      IdleWorkers.find(config, config.workers(), partitions).forEach(findings::warn);
    }
  }

  private void missing(TopicSetup setup, Set<String> existing, Listing findings) {
    Set<String> missing = new TreeSet<>(setup.missing(existing));
    // A topic without DESCRIBE looks missing; the access checks have reported it already.
    issues.forEach(issue -> missing.remove(issue.where().replaceFirst("^topic ", "")));
    if (missing.isEmpty()) {
      return;
    }
    if (config.topics().partitions() == 0) {
      findings.refuse(setup.notCreated(List.copyOf(missing)));
      return;
    }
    missing.forEach(
        topic ->
            findings.warn(
                new StartWarning(
                    "topic " + topic,
                    "missing",
                    "it is created at the next start; if its name is mistyped, correct it in "
                        + config.key("source")
                        + " or wherever it is set")));
  }

  /** Runs a check. A denied request becomes a finding, so that the other checks are still made. */
  private static void attempt(Listing findings, Check check)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      check.run();
    } catch (ExecutionException e) {
      findings.refuse(StartChecks.denied(e).orElseThrow(() -> e));
    }
  }

  private record Listing(StartIssue.Area area, List<StartIssue> issues) implements StartFindings {
    @Override
    public void refuse(StartWarning concern) {
      add(StartIssue.Effect.REFUSES, concern);
    }

    @Override
    public void warn(StartWarning concern) {
      add(StartIssue.Effect.WARNS, concern);
    }

    private void add(StartIssue.Effect effect, StartWarning concern) {
      StartIssue issue =
          new StartIssue(
              area, effect, concern.key(), String.valueOf(concern.value()), concern.remedy());
      if (!issues.contains(issue)) {
        issues.add(issue);
      }
    }
  }
}
