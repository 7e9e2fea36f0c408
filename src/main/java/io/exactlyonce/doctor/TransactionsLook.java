package io.exactlyonce.doctor;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.RetryTopic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.TransactionDescription;

/**
 * Finds transactions that have been open in a pipeline's topics for longer than they may be. They
 * hold back all read_committed readers, the pipeline included.
 */
final class TransactionsLook {
  /**
   * Time without a record after which an open transaction that no coordinator lists is taken to
   * hang: the default of {@code transaction.max.timeout.ms}, the longest time-out that brokers
   * allow.
   */
  static final Duration HANGING = Duration.ofMinutes(15);

  private final Questions questions;
  private final PipelineConfig config;
  private final List<Finding> findings = new ArrayList<>();

  TransactionsLook(Questions questions, PipelineConfig config) {
    this.questions = questions;
    this.config = config;
  }

  List<Finding> run() throws ExecutionException, TimeoutException, InterruptedException {
    OpenProducers producers = new OpenProducers(questions);
    int open = 0;
    Set<String> told = new TreeSet<>();
    for (OpenProducers.Open each : producers.find(topics())) {
      open++;
      TransactionDescription known = each.known();
      if (known == null) {
        maybeHanging(each);
      } else if (told.add(each.id())) {
        maybeOverdue(each, known);
      }
    }
    if (findings.isEmpty()) {
      findings.add(
          Finding.ok(
              "transactions",
              "transactions in the pipeline's topics",
              open == 0 ? "none is open" : "none is open for longer than its time-out"));
    }
    if (!producers.unread().isEmpty()) {
      findings.add(
          Finding.ok(
              "transactions",
              "transactions in " + producers.unread(),
              "not looked for: that needs READ for the topics"));
    }
    return findings;
  }

  private Set<String> topics() {
    Set<String> topics = new TreeSet<>(config.source());
    topics.addAll(config.sinks());
    config.retry().topics().stream().map(RetryTopic::name).forEach(topics::add);
    topics.add(config.deadLetters());
    topics.add(config.receipts());
    return topics;
  }

  private void maybeOverdue(OpenProducers.Open open, TransactionDescription known) {
    var began = known.transactionStartTimeMs();
    if (began.isEmpty()) {
      return;
    }
    long age = questions.clock().millis() - began.getAsLong();
    if (age <= known.transactionTimeoutMs()) {
      return;
    }
    findings.add(
        Finding.fail(
            "transactions",
            String.format(
                "transaction %s of producer %d, in %s from offset %d",
                open.id(), open.producer().producerId(), open.partition(), open.startOffset()),
            String.format(
                Locale.ROOT,
                "open for %.1f s, its time-out is %.1f s",
                age / 1000.0,
                known.transactionTimeoutMs() / 1000.0),
            "readers wait behind it; its coordinator, broker "
                + known.coordinatorId()
                + ", should have aborted it: look at its log. Its producer is fenced, and the"
                + " transaction aborted, by: kafka-transactions.sh --bootstrap-server "
                + questions.servers()
                + " forceTerminateTransaction --transactionalId "
                + quoted(open.id())));
  }

  private void maybeHanging(OpenProducers.Open open) {
    long silent = questions.clock().millis() - open.producer().lastTimestamp();
    if (silent <= HANGING.toMillis()) {
      return;
    }
    findings.add(
        Finding.fail(
            "transactions",
            String.format(
                "transaction of producer %d%s, in %s from offset %d",
                open.producer().producerId(),
                open.id().isEmpty() ? "" : " (" + open.id() + ")",
                open.partition(),
                open.startOffset()),
            String.format(
                Locale.ROOT,
                "open, nothing was written in it for %.1f s, and no coordinator shows it",
                silent / 1000.0),
            "readers wait behind it; it hangs, unless the right to see it is missing (DESCRIBE for"
                + " its transactional id). It is aborted by: kafka-transactions.sh"
                + " --bootstrap-server "
                + questions.servers()
                + " abort --topic "
                + open.partition().topic()
                + " --partition "
                + open.partition().partition()
                + " --start-offset "
                + open.startOffset()));
  }

  /** The id as an argument of a shell command, quoted where it has special characters. */
  private static String quoted(String id) {
    return id.matches("[\\w.:/-]+") ? id : "'" + id.replace("'", "'\\''") + "'";
  }
}
