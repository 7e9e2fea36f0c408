package io.exactlyonce.engine;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.Delivery;
import io.exactlyonce.config.PipelineConfig;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What can be known of the cluster before the first record. Throws {@link ConfigurationException}
 * where somebody has to change something, and the client's exception where it should be tried
 * again.
 */
final class StartChecks {
  private static final Logger LOG = LoggerFactory.getLogger(StartChecks.class);
  private static final String MAX_TRANSACTION_TIMEOUT = "transaction.max.timeout.ms";

  private final PipelineConfig config;
  private final Admin admin;
  private final Duration timeout;

  StartChecks(PipelineConfig config, Admin admin, Duration timeout) {
    this.config = config;
    this.admin = admin;
    this.timeout = timeout;
  }

  void run() throws ExecutionException, TimeoutException, InterruptedException {
    Collection<Node> nodes = get(admin.describeCluster().nodes());
    checkTransactionTimeout(nodes);
    if (config.delivery() == Delivery.EXACTLY_ONCE) {
      checkTransactionVersion();
    }
    new TopicSetup(config, admin, timeout).run();
  }

  private void checkTransactionTimeout(Collection<Node> nodes)
      throws ExecutionException, TimeoutException, InterruptedException {
    ConfigResource broker =
        new ConfigResource(ConfigResource.Type.BROKER, nodes.iterator().next().idString());
    Map<ConfigResource, Config> found = get(admin.describeConfigs(List.of(broker)).all());
    var entry = found.get(broker).get(MAX_TRANSACTION_TIMEOUT);
    long wanted = config.commits().transactionTimeout().toMillis();
    if (entry != null && Long.parseLong(entry.value()) < wanted) {
      throw new ConfigurationException(
          config.key("transaction-timeout"),
          wanted + "ms",
          "is above the broker's "
              + MAX_TRANSACTION_TIMEOUT
              + " of "
              + entry.value()
              + "ms; lower the one or raise the other");
    }
  }

  /** Below version 2 a delayed end of a transaction can decide a later one (KIP-890). */
  private void checkTransactionVersion()
      throws ExecutionException, TimeoutException, InterruptedException {
    var finalized = get(admin.describeFeatures().featureMetadata()).finalizedFeatures();
    var version = finalized.get("transaction.version");
    if (version == null || version.maxVersionLevel() < 2) {
      LOG.warn(
          "{}: the cluster has not finalized transaction.version 2: a delayed request can tear a"
              + " transaction (KIP-890). Upgrade with: kafka-features.sh upgrade --feature"
              + " transaction.version=2",
          config.name());
    }
  }

  private <T> T get(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }
}
