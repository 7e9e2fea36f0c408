package io.exactlyonce.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** Checks what all pipelines of a cluster share: its feature levels, clock and authorizer. */
final class ClusterLook {
  /**
   * Difference of two clocks above which a finding warns; machines that keep time by NTP stay below
   * it.
   */
  static final Duration APART = Duration.ofSeconds(1);

  private final Questions questions;
  private final List<Finding> findings = new ArrayList<>();

  ClusterLook(Questions questions) {
    this.questions = questions;
  }

  List<Finding> run() throws ExecutionException, TimeoutException, InterruptedException {
    features();
    authorizer();
    clock();
    return findings;
  }

  private void features() throws ExecutionException, TimeoutException, InterruptedException {
    var levels =
        questions.get(questions.admin().describeFeatures().featureMetadata()).finalizedFeatures();
    String text =
        new TreeMap<>(levels)
            .entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue().maxVersionLevel())
                .collect(Collectors.joining(", "));
    findings.add(
        Finding.ok("versions", "feature levels of the brokers", text.isEmpty() ? "none" : text));
  }

  /**
   * Reports whether the brokers have an authorizer, not its rules. Brokers without one refuse the
   * request as disabled; where it is denied, there is one.
   */
  private void authorizer() throws ExecutionException, TimeoutException, InterruptedException {
    String has = "the brokers have one; what it allows is asked for each pipeline";
    try {
      questions.get(questions.admin().describeAcls(AclBindingFilter.ANY).values());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SecurityDisabledException) {
        has = "none on the brokers, so everybody may do everything";
      } else if (!(e.getCause() instanceof ClusterAuthorizationException)) {
        throw e;
      }
    }
    findings.add(Finding.ok("access", "authorizer", has));
  }

  /**
   * Compares the clock of Kafka's controller with this machine's. The leader of the metadata quorum
   * reports the present time, by its own clock, as the time at which it had caught up itself
   * (KIP-836). The clock of another node shows only in what is written there.
   */
  private void clock() throws ExecutionException, TimeoutException, InterruptedException {
    try {
      long before = questions.clock().millis();
      QuorumInfo quorum = questions.get(questions.admin().describeMetadataQuorum().quorumInfo());
      long here = (before + questions.clock().millis()) / 2;
      OptionalLong there =
          quorum.voters().stream()
              .filter(voter -> voter.replicaId() == quorum.leaderId())
              .findFirst()
              .map(QuorumInfo.ReplicaState::lastCaughtUpTimestamp)
              .orElse(OptionalLong.empty());
      String where = "clock of Kafka's controller, node " + quorum.leaderId();
      if (there.isEmpty() || there.getAsLong() <= 0) {
        findings.add(Finding.ok("clock", where, "not measurable without writing"));
        return;
      }
      judge(where, Duration.ofMillis(there.getAsLong() - here));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ClusterAuthorizationException) {
        findings.add(
            Finding.unknown(
                "clock",
                "clock of Kafka's controller",
                "denied [DESCRIBE]",
                "allow this instance's principal with: kafka-acls.sh --add --allow-principal"
                    + " User:NAME --cluster --operation DESCRIBE"));
      } else if (e.getCause() instanceof UnsupportedVersionException) {
        findings.add(Finding.ok("clock", "clock of the brokers", "not measurable without writing"));
      } else {
        throw e;
      }
    }
  }

  private void judge(String where, Duration ahead) {
    String text = apart(ahead);
    findings.add(
        ahead.abs().compareTo(APART) <= 0
            ? Finding.ok("clock", where, text + "; other nodes do not tell theirs")
            : Finding.warn(
                "clock",
                where,
                text,
                "retention, the lag in seconds and times of retries go by clocks; correct the one"
                    + " that is wrong, with NTP"));
  }

  /** The difference from this machine's clock in words, for messages. */
  static String apart(Duration ahead) {
    return String.format(
        Locale.ROOT,
        "%.1f s %s this machine's",
        ahead.abs().toMillis() / 1000.0,
        ahead.isNegative() ? "behind" : "ahead of");
  }
}
