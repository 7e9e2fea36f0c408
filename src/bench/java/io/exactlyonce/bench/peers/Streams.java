package io.exactlyonce.bench.peers;

import io.exactlyonce.bench.Terms;
import io.exactlyonce.bench.Tuning;
import io.exactlyonce.bench.Work;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** Kafka Streams, exactly_once_v2, one thread; no state store. */
public final class Streams {
  private Streams() {}

  public static void main(String[] args) {
    Terms terms = Terms.parse(args);
    Work work = new Work(terms);
    StreamsBuilder builder = new StreamsBuilder();
    var bytes = Serdes.ByteArray();
    builder.stream(terms.source(), Consumed.with(bytes, bytes))
        .mapValues(work::transform)
        .to(terms.sink(), Produced.with(bytes, bytes));
    new KafkaStreams(builder.build(), settings(terms)).start();
  }

  static Properties settings(Terms terms) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, terms.group());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, terms.servers());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, terms.get("commit-interval", "100"));
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, terms.get("dir", "target") + "/" + terms.group());
    Tuning.consumerTuning().forEach((key, value) -> put(settings, "consumer." + key, value));
    Tuning.producerTuning().forEach((key, value) -> put(settings, "producer." + key, value));
    return settings;
  }

  /** Some are fixed by Kafka Streams itself, to the same value. */
  private static void put(Properties settings, String key, Object value) {
    if (!key.endsWith("enable.auto.commit")
        && !key.endsWith("isolation.level")
        && !key.endsWith("enable.idempotence")) {
      settings.put(key, value);
    }
  }
}
