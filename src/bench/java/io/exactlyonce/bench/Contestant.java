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
  /** Term: its process is killed once in the run, after what is measured, and started again. */
  static final String KILLED = "killed";

  static final Contestant STREAMS = peer("kafka-streams", "Streams");

  /** As often as our own floor lets a transaction commit. */
  static final Contestant STREAMS_OFTEN = STREAMS.with("-20ms", Map.of("commit-interval", "20"));

  static final Contestant PLAIN = peer("plain-loop", "PlainLoop");
  static final Contestant PER_POLL = peer("transaction-per-poll", "TransactionPerPoll");
  static final Contestant SPRING = peer("spring-batch", "SpringBatch");
  static final Contestant PARALLEL = peer("parallel-consumer", "ParallelConsumer");
  static final Contestant MICRONAUT = peer("micronaut-send-to-tx", "MicronautSend");
  static final Contestant GUARDED = ours("ours-guarded", Map.of());

  /** What a crash costs, beside the peer that loses by one. */
  static final Contestant GUARDED_KILLED = ours("ours-guarded-killed", Map.of(KILLED, "true"));

  static final Contestant UNGUARDED = ours("ours-no-guard", Map.of("pipeline.guard.store", "off"));

  /** Within a partition only. */
  static final Contestant STREAMS_KV = guardedStreams("streams-kv", "kv");

  static final Contestant STREAMS_WINDOW = guardedStreams("streams-window", "window");

  /** Across partitions, as ours does. */
  static final Contestant STREAMS_KV_REPARTITION =
      guardedStreams("streams-kv-repartition", "kv").with("", Map.of(Terms.REPARTITION, "by-id"));

  static final Contestant SPRING_SETNX =
      peer("spring-setnx", "SpringSetNx").with("", Map.of(KILLED, "true"));

  private static Contestant guardedStreams(String name, String store) {
    return peer(name, "GuardedStreams").with("", Map.of("store", store));
  }

  private static Contestant peer(String name, String mainClass) {
    return new Contestant(name, "io.exactlyonce.bench.peers." + mainClass, Map.of());
  }

  private static Contestant ours(String name, Map<String, String> terms) {
    return new Contestant(name, Ours.class.getName(), terms);
  }

  static boolean isOurs(String name) {
    return name.startsWith("ours");
  }

  boolean isKilled() {
    return terms.containsKey(KILLED);
  }

  /** As often as our own interval has it. */
  Contestant each40() {
    return with("-40ms", Map.of("commit-interval", "40"));
  }

  /** The last topic that it reads: records of it that are committed are done. */
  String last(String source, String group) {
    String name = terms.get(Terms.REPARTITION);
    return name == null ? source : group + "-" + name + "-repartition";
  }

  Contestant with(String suffix, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(terms);
    all.putAll(more);
    return new Contestant(name + suffix, mainClass, all);
  }
}
