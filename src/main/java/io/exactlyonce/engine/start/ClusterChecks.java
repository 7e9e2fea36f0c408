package io.exactlyonce.engine.start;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.Delivery;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.errors.ClusterAuthorizationException;

/** Checks the brokers' settings for transactions and the replication of internal topics. */
record ClusterChecks(PipelineConfig config, ClusterView cluster, StartFindings findings) {
  private static final String MAX_TRANSACTION_TIMEOUT = "transaction.max.timeout.ms";
  private static final String TRANSACTIONS = "transaction.state.log.replication.factor";
  private static final String TRANSACTIONS_IN_SYNC = "transaction.state.log.min.isr";
  private static final String OFFSETS = "offsets.topic.replication.factor";

  void run() throws ExecutionException, TimeoutException, InterruptedException {
    if (config.delivery() == Delivery.EXACTLY_ONCE) {
      checkTransactionVersion();
    }
    try {
      Config broker = cluster.broker();
      checkTransactionTimeout(broker);
      if (!cluster.isLocal()) {
        checkInternalTopics(broker);
      }
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof ClusterAuthorizationException)) {
        throw e;
      }
      findings.warn(
          new StartWarning(
              "cluster",
              "denied [DESCRIBE_CONFIGS]",
              "so the brokers' settings are not checked; allow this instance's principal with:"
                  + " kafka-acls.sh --add --allow-principal User:NAME --cluster --operation"
                  + " DESCRIBE_CONFIGS"));
    }
  }

  private void checkTransactionTimeout(Config broker) {
    long most = number(broker, MAX_TRANSACTION_TIMEOUT, Long.MAX_VALUE);
    long wanted = config.commits().transactionTimeout().toMillis();
    if (most < wanted) {
      findings.refuse(
          new StartWarning(
              config.key("transaction-timeout"),
              wanted + "ms",
              "is above the broker's "
                  + MAX_TRANSACTION_TIMEOUT
                  + " of "
                  + most
                  + "ms; lower the one or raise the other"));
    }
  }

  /** Warns below version 2: a delayed end of a transaction can then end a later one (KIP-890). */
  private void checkTransactionVersion()
      throws ExecutionException, TimeoutException, InterruptedException {
    var finalized =
        cluster.get(cluster.admin().describeFeatures().featureMetadata()).finalizedFeatures();
    var version = finalized.get("transaction.version");
    if (version == null || version.maxVersionLevel() < 2) {
      findings.warn(
          new StartWarning(
              "cluster transaction.version",
              version == null ? 0 : version.maxVersionLevel(),
              "a delayed commit or abort request can end a later transaction (KIP-890); upgrade"
                  + " with: kafka-features.sh upgrade --feature transaction.version=2"));
    }
  }

  /** Warns where one broker alone may hold a commit: its loss would undo it. */
  private void checkInternalTopics(Config broker) {
    for (String key : List.of(TRANSACTIONS, TRANSACTIONS_IN_SYNC, OFFSETS)) {
      if (number(broker, key, 3) < 2) {
        String why =
            key.equals(TRANSACTIONS_IN_SYNC)
                ? "a commit counts once one broker has it, and is lost with it; set it to 2"
                : "one broker holds the only copy of commits, which are lost with it; set it to 3";
        findings.warn(
            new StartWarning(
                "broker " + key, 1, why + " before the topic is first used, or change the topic"));
      }
    }
  }

  private static long number(Config broker, String key, long otherwise) {
    var entry = broker.get(key);
    return entry == null || entry.value() == null ? otherwise : Long.parseLong(entry.value());
  }
}
