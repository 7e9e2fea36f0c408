package io.exactlyonce.config;

import io.exactlyonce.config.value.GroupProtocolChoice;
import io.exactlyonce.config.value.Membership;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Settings of the Kafka clients of a pipeline: the user's common ones, the pipeline's overrides,
 * then what the guarantee pins.
 *
 * @param common the standard {@code kafka.*} keys: bootstrap servers, security
 */
public record ClientConfigs(PipelineConfig config, Map<String, Object> common) {

  public Map<String, Object> consumer(int worker) {
    Map<String, Object> settings = common(ConsumerConfig.configNames(), PinnedSettings.CONSUMER);
    // Long polls are cheap: what a worker holds is bounded by the engine.
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, config.pollRecords());
    // A fetch is one array of its size, and another is on its way while it is read: Kafka's 50 MiB
    // would fill a small heap with arrays that the collector can only treat one by one.
    settings.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 * 1024 * 1024);
    // As large as the kernel finds right: a window of 64 KiB is too small for a distant broker, and
    // on the loopback interface, whose segments are as large, the kernel drops some (200 ms each).
    settings.putIfAbsent(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
    // New partitions, and a topic that is deleted or made anew, are seen no later than this.
    settings.putIfAbsent(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    // Where a partition is read from is looked up, never guessed by the client.
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    if (config.groupProtocol() == GroupProtocolChoice.CLASSIC) {
      // The partitions of a member that was killed wait for its session to end, and those that move
      // wait until each member has asked whether there is a rebalance. Kafka's 45 s and 3 s make
      // for long pauses; a member that is thrown out too early costs a rebalance and nothing else.
      settings.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 15_000);
      settings.putIfAbsent(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_000);
    }
    settings.putAll(config.consumerOverrides());
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, config.group());
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, config.workerId(worker));
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    if (config.membership() == Membership.STATIC) {
      settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, config.workerId(worker));
    }
    switch (config.groupProtocol()) {
      case CLASSIC ->
          settings.put(
              ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
              CooperativeStickyAssignor.class.getName());
      case CONSUMER -> settings.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
    }
    return settings;
  }

  /** The consumers' own; with KIP-848 the broker's counts. */
  public Duration sessionTimeout() {
    return Duration.ofMillis(
        new ConsumerConfig(consumer(0)).getInt(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG));
  }

  /**
   * @param side {@code a} or {@code b}: a worker's two producers take turns
   */
  public Map<String, Object> transactionalProducer(int worker, String side) {
    Map<String, Object> settings = producer(config.workerId(worker) + "-" + side);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, config.transactionalId(worker, side));
    int timeout = Math.toIntExact(config.commits().transactionTimeout().toMillis());
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, timeout);
    // The client insists that a send is given up no later than its transaction.
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, timeout);
    int linger = number(settings, ProducerConfig.LINGER_MS_CONFIG, 0);
    int request = number(settings, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    // The client insists too that a request and the linger before it fit into a send.
    settings.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(1, Math.min(request, timeout - linger)));
    settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeout / 2);
    return settings;
  }

  /**
   * The producer that announces a generation of claims. Its transaction is open while the group's
   * producers are fenced, which may take longer than any of theirs.
   */
  public Map<String, Object> announcer(String transactionalId) {
    Map<String, Object> settings = producer(config.name() + "-" + config.instanceId() + "-guard");
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 60_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 30_000);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    return settings;
  }

  /** An idempotent producer without transactions. */
  public Map<String, Object> producer(String clientId) {
    Map<String, Object> settings = common(ProducerConfig.configNames(), PinnedSettings.PRODUCER);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
    settings.putAll(config.producerOverrides());
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return settings;
  }

  /** A consumer without a group that reads what is committed, from the beginning. */
  public Map<String, Object> reader() {
    Map<String, Object> settings = common(ConsumerConfig.configNames(), PinnedSettings.CONSUMER);
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return settings;
  }

  /** The same, of what is not committed yet or was aborted too. */
  public Map<String, Object> uncommittedReader() {
    Map<String, Object> settings = reader();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    return settings;
  }

  public Map<String, Object> admin() {
    Map<String, Object> settings = common(AdminClientConfig.configNames(), Map.of());
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, config.name() + "-" + config.instanceId());
    // What it asks stands between a start and the first record: it asks again soon.
    settings.putIfAbsent(CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG, 200);
    settings.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 200);
    return settings;
  }

  public String bootstrapServers() {
    return String.valueOf(common.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
  }

  /** The common settings that a client knows, but for those that the guarantee pins. */
  private Map<String, Object> common(Set<String> names, Map<String, String> pinned) {
    Map<String, Object> settings = new HashMap<>(common);
    settings.keySet().retainAll(names);
    settings.keySet().removeAll(pinned.keySet());
    return settings;
  }

  private static int number(Map<String, Object> settings, String key, int otherwise) {
    Object value = settings.get(key);
    return value == null ? otherwise : Integer.parseInt(value.toString().trim());
  }
}
