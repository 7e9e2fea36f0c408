package io.exactlyonce.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Latency from the moment a record was due to be produced to the moment a read_committed reader has
 * its output. The producer keeps to its schedule however slow the answer is, and a record that is
 * sent late counts from when it was due: nothing is omitted.
 */
record OpenLoop(Stage stage, int perSecond, Duration warmUp, Duration measured) {
  private static final Duration STRAGGLERS = Duration.ofSeconds(20);

  LatencyResult run(Contestant contestant, int round) {
    String source = contestant.name() + "-in-" + perSecond + "-" + round;
    stage.helper.createTopic(source, Stage.PARTITIONS, Map.of());
    Stage.Entrant entrant = stage.enter(contestant, source, Stage.PARTITIONS);
    long warm = warmUp.toSeconds() * perSecond;
    int total = (int) (warm + measured.toSeconds() * perSecond);
    double[] millis = new double[total];
    Arrays.fill(millis, Double.NaN);
    Thread upstream = new Thread(() -> produce(entrant, source, total), "upstream");
    try {
      read(entrant.sink(), millis, upstream);
    } finally {
      stage.clear(entrant);
      stage.drop(source);
    }
    double[] counted = Arrays.stream(millis, (int) warm, total).sorted().toArray();
    return LatencyResult.of(contestant.name(), perSecond, round, counted);
  }

  /** Not before the contestant has begun: its start is not what is measured. */
  private void produce(Stage.Entrant entrant, String source, int total) {
    Payload payload = new Payload(256);
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", stage.kafka.bootstrapServers(),
            "linger.ms", 0,
            "max.in.flight.requests.per.connection", 1);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(payload.record(source, 0, System.nanoTime()));
      entrant.awaitFirst();
      long start = System.nanoTime();
      for (int number = 1; number < total; number++) {
        long due = start + (long) (number * 1e9 / perSecond);
        for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
          LockSupport.parkNanos(early);
        }
        producer.send(payload.record(source, number, due));
      }
    }
  }

  private void read(String sink, double[] millis, Thread upstream) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            stage.kafka.bootstrapServers(),
            "isolation.level",
            "read_committed",
            "fetch.max.wait.ms",
            5,
            "receive.buffer.bytes",
            -1);
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(sink).stream()
              .map(info -> new TopicPartition(sink, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      consumer.poll(Duration.ofMillis(10));
      upstream.start();
      int seen = 0;
      long last = System.nanoTime();
      while (seen < millis.length
          && (upstream.isAlive() || System.nanoTime() - last < STRAGGLERS.toNanos())) {
        for (var output : consumer.poll(Duration.ofMillis(50))) {
          last = System.nanoTime();
          int number = (int) Payload.number(output.value());
          if (Double.isNaN(millis[number])) {
            millis[number] = (last - Payload.dueNanos(output.value())) / 1e6;
            seen++;
          }
        }
      }
    }
  }
}
