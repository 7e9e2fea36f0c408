package io.exactlyonce.config;

import io.exactlyonce.config.value.Delivery;
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
 * Settings of a pipeline's Kafka clients. Where one key is set several times the last of these
 * wins: the user's common settings, those of this class (some only where the common ones have
 * none), the pipeline's overrides, and those that the guarantee depends on.
 *
 * @param common the application's {@code kafka.*} settings without that prefix: bootstrap servers,
 *     security
 */
public record ClientConfigs(PipelineConfig config, Map<String, Object> common) {
  private static final int MIN_POLL_INTERVAL_MS = 30_000;

  /** Kafka's default. */
  private static final int MAX_POLL_INTERVAL_MS = 300_000;

  /** Settings of a worker's consumer. Workers of an instance are numbered from 0. */
  public Map<String, Object> consumer(int worker) {
    Map<String, Object> settings = common(ConsumerConfig.configNames(), PinnedSettings.CONSUMER);
    // Large polls are cheap: the engine bounds how many records a worker holds.
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, config.pollRecords());
    // A fetch response is one array, and the next one arrives while it is read. Arrays of Kafka's
    // 50 MiB would fill a small heap, and the collector cannot treat them in parts.
    settings.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 * 1024 * 1024);
    // -1: the kernel chooses the size. Kafka's 64 KiB are too small for a distant broker; and on
    // the loopback interface, whose segments are as large, the kernel drops some (200 ms each).
    settings.putIfAbsent(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
    // Longest time until a new partition, or a deleted or recreated topic, is noticed.
    settings.putIfAbsent(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    if (config.delivery() == Delivery.EXACTLY_ONCE) { // with others the worker waits for commits
      settings.putIfAbsent(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, maxPollInterval());
    }
    // The engine looks up where it reads a partition from; the client must not choose.
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    if (config.groupProtocol() == GroupProtocolChoice.CLASSIC) {
      // The partitions of a killed member wait until its session times out, and partitions that
      // move wait until each member learns of the rebalance from its next heartbeat. With Kafka's
      // 45 s and 3 s these pauses are long. A member that is removed too early costs one rebalance
      // and nothing else.
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

  /**
   * Longest time between two polls, in milliseconds. A worker polls beside its handlers; between
   * two polls it drains or recovers, for about two transaction timeouts at most. It is not above
   * Kafka's default, unless a drain may take longer.
   *
   * <p>It is also how long a member waits for the answer to its join, less 5 s. Where the network
   * swallows that answer the client sends no heartbeats, so nothing else ends the wait: with
   * Kafka's 5 minutes the worker would be out of its group for as long (KAFKA-5570).
   */
  private int maxPollInterval() {
    long twice = 2 * config.commits().transactionTimeout().toMillis();
    long drain = config.drainTimeout().toMillis() + MIN_POLL_INTERVAL_MS;
    long wanted = Math.max(drain, Math.min(twice, MAX_POLL_INTERVAL_MS));
    return (int) Math.min(wanted, Integer.MAX_VALUE);
  }

  /** Session timeout of the workers' consumers; with KIP-848 the broker's setting counts. */
  public Duration sessionTimeout() {
    return Duration.ofMillis(
        new ConsumerConfig(consumer(0)).getInt(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG));
  }

  /**
   * Settings of one of a worker's transactional producers.
   *
   * @param side {@code a} or {@code b}: a worker's two producers take turns
   */
  public Map<String, Object> transactionalProducer(int worker, String side) {
    Map<String, Object> settings = producer(config.workerId(worker) + "-" + side);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, config.transactionalId(worker, side));
    int timeout = Math.toIntExact(config.commits().transactionTimeout().toMillis());
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, timeout);
    // A send is given up no later than its transaction, which the broker aborts after this time.
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, timeout);
    int linger = number(settings, ProducerConfig.LINGER_MS_CONFIG, 0);
    int request = number(settings, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    // The client refuses a delivery.timeout.ms below linger.ms and request.timeout.ms together.
    settings.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(1, Math.min(request, timeout - linger)));
    settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeout / 2);
    return settings;
  }

  /**
   * Settings of the producer that announces a generation of claims. Its transaction is open while
   * the group's producers are fenced, which may take longer than a worker's transaction.
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

  /** Settings of an idempotent producer without transactions. */
  public Map<String, Object> producer(String clientId) {
    Map<String, Object> settings = common(ProducerConfig.configNames(), PinnedSettings.PRODUCER);
    settings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
    settings.putIfAbsent(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
    settings.putAll(config.producerOverrides());
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return settings;
  }

  /** Settings of a read_committed consumer without a group, which starts at the earliest offset. */
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

  /** As {@link #reader}, but read_uncommitted: with records that are undecided or aborted. */
  public Map<String, Object> uncommittedReader() {
    Map<String, Object> settings = reader();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    return settings;
  }

  public Map<String, Object> admin() {
    Map<String, Object> settings = common(AdminClientConfig.configNames(), Map.of());
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, config.name() + "-" + config.instanceId());
    // A pipeline's start waits for its answers, so it retries and reconnects soon.
    settings.putIfAbsent(CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG, 200);
    settings.putIfAbsent(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 200);
    return settings;
  }

  public String bootstrapServers() {
    return String.valueOf(common.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
  }

  /** The common settings that a client of this kind has, without those that are pinned. */
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
