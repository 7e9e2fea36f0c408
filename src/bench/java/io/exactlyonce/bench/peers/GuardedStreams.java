package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Work;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams with a guard of event ids in a state store, exactly_once_v2, one thread. Behind a
 * repartition by event id it guards across partitions, and within a partition of the source
 * otherwise.
 */
public final class GuardedStreams {
  static final Duration WINDOW = Duration.ofHours(24);
  static final String STORE = "seen";
  private static final String EVENT_ID = "event-id";
  private static final String BUSINESS_KEY = "business-key";
  private static final Serde<byte[]> BYTES = Serdes.ByteArray();

  private GuardedStreams() {}

  public static void main(String[] args) {
    Terms terms = Terms.parse(args);
    Work work = new Work(terms);
    StreamsBuilder builder = new StreamsBuilder();
    KStream<byte[], byte[]> source = builder.stream(terms.source(), Consumed.with(BYTES, BYTES));
    String topic = terms.get(Terms.REPARTITION, "");
    KStream<byte[], byte[]> guarded =
        topic.isEmpty()
            ? source.process(guard(terms))
            : source
                .process(ById::new)
                .repartition(Repartitioned.with(BYTES, BYTES).withName(topic))
                .process(guard(terms))
                .process(ByBusinessKey::new);
    guarded.mapValues(work::transform).to(terms.sink(), Produced.with(BYTES, BYTES));
    Properties settings = Streams.settings(terms);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, 0);
    // What was repartitioned stays until it has been read back and checked.
    settings.put(
        StreamsConfig.REPARTITION_PURGE_INTERVAL_MS_CONFIG, Duration.ofHours(1).toMillis());
    new KafkaStreams(builder.build(), settings).start();
  }

  static byte[] id(Record<byte[], byte[]> record) {
    return record.headers().lastHeader(EVENT_ID).value();
  }

  private static ProcessorSupplier<byte[], byte[], byte[], byte[]> guard(Terms terms) {
    return "window".equals(terms.get("store", ""))
        ? WithStore.of(WindowGuard::new, windows())
        : WithStore.of(KeyValueGuard::new, keyValues());
  }

  private static StoreBuilder<?> keyValues() {
    return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), BYTES, BYTES)
        .withCachingDisabled()
        .withLoggingEnabled(changelog());
  }

  private static StoreBuilder<?> windows() {
    return Stores.windowStoreBuilder(
            Stores.persistentWindowStore(STORE, WINDOW, WINDOW, false), BYTES, BYTES)
        .withCachingDisabled()
        .withLoggingEnabled(changelog());
  }

  /** Compacted, and without what is older than the window. */
  private static Map<String, String> changelog() {
    return Map.of(
        "cleanup.policy", "compact,delete", "retention.ms", Long.toString(WINDOW.toMillis()));
  }

  /** The event id as key, and the key that it had in a header. */
  private static final class ById extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    @Override
    public void process(Record<byte[], byte[]> record) {
      record.headers().add(BUSINESS_KEY, record.key());
      context().forward(record.withKey(id(record)));
    }
  }

  private static final class ByBusinessKey
      extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    @Override
    public void process(Record<byte[], byte[]> record) {
      byte[] key = record.headers().lastHeader(BUSINESS_KEY).value();
      record.headers().remove(BUSINESS_KEY);
      context().forward(record.withKey(key));
    }
  }
}
