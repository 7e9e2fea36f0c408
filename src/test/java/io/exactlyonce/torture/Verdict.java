package io.exactlyonce.torture;

import io.exactlyonce.cli.AuditCommand;
import io.exactlyonce.torture.checker.Checker;
import io.exactlyonce.torture.checker.Finding;
import io.exactlyonce.torture.checker.Seen;
import io.exactlyonce.torture.checker.Sent;
import io.exactlyonce.torture.checker.TopicEnds;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine;

/**
 * Result of a run.
 *
 * @param sent records that were acknowledged
 * @param events that they are of
 * @param outputs in one of the sinks
 * @param findings of the checker
 * @param auditStatus exit status of the product's own audit: 0 where it has no finding
 * @param audit its output
 */
record Verdict(
    long sent,
    long events,
    int outputs,
    int letters,
    long p99Millis,
    List<Finding> findings,
    int auditStatus,
    String audit) {

  /** Reads the topics to their ends, and has checker and audit judge them. */
  static Verdict of(TortureTopics of, List<Sent> sent, String bootstrapServers) {
    TopicEnds topics = new TopicEnds(bootstrapServers);
    List<Seen> left = topics.read(of.left());
    List<Seen> right = topics.read(of.right());
    List<Seen> letters = topics.read(of.deadLetters());
    List<Finding> findings = new Checker(sent, left, right, letters).check();
    StringWriter said = new StringWriter();
    int status =
        new CommandLine(new AuditCommand())
            .setOut(new PrintWriter(said))
            .setErr(new PrintWriter(said))
            .execute(
                "--bootstrap-servers",
                bootstrapServers,
                "--group",
                of.group(),
                "--source",
                of.source(),
                "--sinks",
                of.left() + "," + of.right(),
                "--quiet");
    List<Sent> acknowledged = sent.stream().filter(Sent::isAcknowledged).toList();
    return new Verdict(
        acknowledged.size(),
        acknowledged.stream().map(Sent::id).distinct().count(),
        left.size(),
        letters.size(),
        topics.lateMillis(of.left(), 0.99),
        findings,
        status,
        said.toString());
  }

  /** Whether neither checker nor audit has found anything. */
  boolean isClean() {
    return findings.isEmpty() && auditStatus == 0;
  }

  /** Number of findings of each kind. */
  Map<Finding.Kind, Long> counts() {
    return findings.stream()
        .collect(Collectors.groupingBy(Finding::kind, TreeMap::new, Collectors.counting()));
  }
}
