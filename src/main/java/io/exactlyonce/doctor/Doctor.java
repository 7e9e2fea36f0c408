package io.exactlyonce.doctor;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.guard.redis.ServerFacts;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * Checks pipelines and their cluster from outside, and changes nothing. After Kafka has not
 * answered once, it is not asked any more.
 */
public final class Doctor {
  private static final String REACH = "check that it runs and kafka.bootstrap.servers is right";

  private static final String SILENT = "no answer in time";

  private final Consumer<Finding> told;
  private boolean isKafkaThere = true;

  /**
   * @param told takes each finding as soon as it is known
   */
  public Doctor(Consumer<Finding> told) {
    this.told = told;
  }

  /**
   * Reports the versions of application, client library and JVM.
   *
   * @param application its version; empty where it is not known
   */
  public void versions(String application) {
    told.accept(
        Finding.ok(
            "versions",
            "application",
            application.isEmpty() ? "not known (not run from the jar)" : application));
    told.accept(Finding.ok("versions", "kafka-clients", AppInfoParser.getVersion()));
    told.accept(Finding.ok("versions", "Java", Runtime.version().toString()));
  }

  /**
   * Reports which of the engine's files differ from its release.
   *
   * @param classes class loader in which the release's list is looked for
   */
  public void engine(ClassLoader classes) {
    new EngineLook(classes).run().forEach(told);
  }

  /**
   * Checks what all pipelines share. Without an answer, {@link #pipeline} asks for nothing later.
   */
  public void cluster(Questions questions) throws InterruptedException {
    attempt(
        questions.servers(),
        () -> {
          questions.get(questions.admin().describeCluster().nodes());
          new ClusterLook(questions).run().forEach(told);
        });
  }

  /**
   * Reports that Kafka cannot be asked, and stops asking.
   *
   * @param why the reason, for the finding
   */
  public void noKafka(String servers, String why) {
    isKafkaThere = false;
    told.accept(Finding.unknown("kafka", "Kafka at " + servers, why, REACH));
  }

  /** Checks a pipeline's topics, group and transactions. */
  public void pipeline(Questions questions, PipelineConfig config) throws InterruptedException {
    attempt(
        questions.servers(),
        () -> {
          tell(config, new StartChecksLook(questions, config).run());
          tell(config, new TransactionsLook(questions, config).run());
        });
  }

  /**
   * Checks the Redis that holds a pipeline's claims.
   *
   * @param address for findings, without a password
   * @param asked asks the server; it may throw what {@link ServerFacts#ask} throws
   */
  public void redis(PipelineConfig config, String address, Supplier<ServerFacts> asked) {
    tell(config, new RedisLook(address).run(asked));
  }

  private void tell(PipelineConfig config, List<Finding> findings) {
    findings.forEach(finding -> told.accept(finding.of(config.name())));
  }

  private void attempt(String servers, Questions.Look look) throws InterruptedException {
    if (!isKafkaThere) {
      return;
    }
    try {
      look.run();
    } catch (TimeoutException e) {
      noKafka(servers, SILENT);
    } catch (ExecutionException e) {
      String why = String.valueOf(requireNonNull(e.getCause()).getMessage());
      if (e.getCause() instanceof AuthenticationException) {
        isKafkaThere = false;
        told.accept(
            Finding.fail(
                "access",
                "Kafka at " + servers,
                "refused: " + why,
                "check kafka.security.protocol and kafka.sasl.*"));
      } else {
        boolean isSilent = e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException;
        noKafka(servers, isSilent ? SILENT : why);
      }
    }
  }
}
