package io.exactlyonce.doctor;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.StartChecksChoice;
import io.exactlyonce.engine.StartReview;
import io.exactlyonce.engine.status.StartIssue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Checks that the pipeline makes at its start, as findings. */
record StartChecksLook(Questions questions, PipelineConfig config) {

  List<Finding> run() throws ExecutionException, TimeoutException, InterruptedException {
    List<StartIssue> issues = StartReview.of(config, questions.admin(), questions.bound());
    List<Finding> findings = new ArrayList<>();
    for (StartIssue.Area area : StartIssue.Area.values()) {
      List<Finding> ofArea =
          issues.stream().filter(issue -> issue.area() == area).map(this::finding).toList();
      findings.addAll(ofArea.isEmpty() ? List.of(fine(area)) : ofArea);
    }
    return findings;
  }

  private Finding finding(StartIssue issue) {
    boolean refuses =
        issue.effect() == StartIssue.Effect.REFUSES
            || config.startChecks() == StartChecksChoice.STRICT;
    return refuses
        ? Finding.fail(check(issue.area()), issue.where(), issue.found(), issue.remedy())
        : Finding.warn(check(issue.area()), issue.where(), issue.found(), issue.remedy());
  }

  private static String check(StartIssue.Area area) {
    return area.name().toLowerCase(Locale.ROOT);
  }

  private static Finding fine(StartIssue.Area area) {
    return switch (area) {
      case ACCESS ->
          Finding.ok(
              check(area),
              "topics, group, transactional ids",
              "what the pipeline needs is allowed");
      case BROKERS ->
          Finding.ok(check(area), "settings of the brokers", "as the pipeline needs them");
      case TOPICS ->
          Finding.ok(
              check(area),
              "topics",
              "all there; replication, retention and limits are as the pipeline needs them (of a"
                  + " single local broker replication is not asked for)");
    };
  }
}
