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

/** Looks at pipelines and their cluster from outside, and changes nothing. */
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
   * @param application its version; empty where it is not known
   */
  public void versions(String application) {
    told.accept(
        Finding.ok("versions", "application", application.isEmpty() ? "not built" : application));
    told.accept(Finding.ok("versions", "kafka-clients", AppInfoParser.getVersion()));
    told.accept(Finding.ok("versions", "Java", Runtime.version().toString()));
  }

  /**
   * Which of the engine's files differ from its release.
   *
   * @param classes where the release's list is looked for
   */
  public void engine(ClassLoader classes) {
    new EngineLook(classes).run().forEach(told);
  }

  /** What concerns all pipelines. Without an answer no pipeline's topics are asked for either. */
  public void cluster(Questions questions) throws InterruptedException {
    attempt(
        questions.servers(),
        () -> {
          questions.get(questions.admin().describeCluster().nodes());
          new ClusterLook(questions).run().forEach(told);
        });
  }

  /** Says that there is no Kafka to ask. */
  public void noKafka(String servers, String why) {
    isKafkaThere = false;
    told.accept(Finding.unknown("kafka", "Kafka at " + servers, why, REACH));
  }

  /** A pipeline's topics, group and transactions. */
  public void pipeline(Questions questions, PipelineConfig config) throws InterruptedException {
    attempt(
        questions.servers(),
        () -> {
          tell(config, new StartChecksLook(questions, config).run());
          tell(config, new TransactionsLook(questions, config).run());
        });
  }

  /**
   * The Redis that holds a pipeline's claims.
   *
   * @param address without a password
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
