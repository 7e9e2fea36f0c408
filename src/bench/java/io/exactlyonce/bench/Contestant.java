package io.exactlyonce.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who runs, and on which terms.
 *
 * @param name as the table shows it, and as {@code -Dbench.only} names it
 * @param mainClass its loop, a process of its own
 * @param terms in addition to those of all
 */
record Contestant(String name, String mainClass, Map<String, String> terms) {
  static final Contestant STREAMS = peer("kafka-streams", "Streams");

  /** As often as our own floor lets a transaction commit. */
  static final Contestant STREAMS_OFTEN = STREAMS.with("-20ms", Map.of("commit-interval", "20"));

  static final Contestant PLAIN = peer("plain-loop", "PlainLoop");
  static final Contestant PER_POLL = peer("transaction-per-poll", "TransactionPerPoll");
  static final Contestant SPRING = peer("spring-batch", "SpringBatch");
  static final Contestant PARALLEL = peer("parallel-consumer", "ParallelConsumer");
  static final Contestant MICRONAUT = peer("micronaut-send-to-tx", "MicronautSend");
  static final Contestant GUARDED = ours("ours-guarded", Map.of());
  static final Contestant UNGUARDED = ours("ours-no-guard", Map.of("pipeline.guard.store", "off"));

  private static Contestant peer(String name, String mainClass) {
    return new Contestant(name, "io.exactlyonce.bench.peers." + mainClass, Map.of());
  }

  private static Contestant ours(String name, Map<String, String> terms) {
    return new Contestant(name, Ours.class.getName(), terms);
  }

  static boolean isOurs(String name) {
    return name.startsWith("ours");
  }

  Contestant with(String suffix, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(terms);
    all.putAll(more);
    return new Contestant(name + suffix, mainClass, all);
  }
}
