package io.exactlyonce.torture;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Bugs that are planted to see whether a run finds them. Each is a small change of the product's
 * source, compiled for the instances of one run by {@link PlantedClasses}. The product itself has
 * nothing for this.
 */
public enum PlantedBug {
  COMMIT_ON_LOST(
      "what is in hand of lost partitions is committed, by the group's id since the member is gone",
      Scene.OUTSLEPT,
      new Edit(
          Engine.WORKER_LOOP,
          """
              drop(lost);
              recovery.raise(TransactionFailure.lost(lost));
          """,
          """
              transactions.isLost = true;
              handleRevoked(lost);
              transactions.isLost = false;
          """),
      new Edit(
          Engine.TRANSACTIONS,
          """
            private long handedOverAt;
          """,
          """
            private long handedOverAt;
            public boolean isLost;
          """),
      new Edit(
          Engine.TRANSACTIONS,
          """
              ConsumerGroupMetadata group = consumer.groupMetadata();
          """,
          """
              ConsumerGroupMetadata group = consumer.groupMetadata();
              if (isLost) {
                group = new ConsumerGroupMetadata(group.groupId());
              }
          """)),
  CLAIM_AFTER_COMMIT(
      "claims are looked up before the handler and made behind the commit",
      Scene.COPIES,
      new Edit(
          Engine.REDIS_GUARD,
          """
            private @Nullable String adopted;
          """,
          """
            private @Nullable String adopted;
            private ClaimBatch later = new ClaimBatch();
            private boolean isLater;
            private final byte[] looking =
                new String(script, StandardCharsets.UTF_8)
                    .replace("redis.call('HSET', current, unpack(claimed))", "k = 0")
                    .getBytes(StandardCharsets.UTF_8);
          """),
      new Edit(
          Engine.REDIS_GUARD,
          """
              if (batch.size() == 0) {
                return CompletableFuture.completedFuture(new BitSet());
              }
          """,
          """
              if (batch.size() == 0 && later.size() == 0) {
                return CompletableFuture.completedFuture(new BitSet());
              }
              if (batch.size() == 0) {
                ClaimBatch due = later;
                later = new ClaimBatch();
                isLater = true;
                try {
                  return claim(due);
                } finally {
                  isLater = false;
                }
              }
              if (!isLater) {
                later.addAll(batch);
              }
          """),
      new Edit(Engine.REDIS_GUARD, "evalsha(digest,", "eval(isLater ? script : looking,"),
      new Edit(
          Engine.TRANSACTIONS,
          """
              tracks.postCommit(transaction.offsets());
          """,
          """
              tracks.postCommit(transaction.offsets());
              guard.claim(new io.exactlyonce.guard.ClaimBatch());
          """)),
  OFFSETS_WITHOUT_GROUP(
      "offsets are sent with the group's id alone, so nobody is fenced",
      Scene.OUTSLEPT_STOP,
      new Edit(
          Engine.TRANSACTIONAL_PRODUCER,
          "sendOffsetsToTransaction(transaction.offsets(), transaction.group())",
          "sendOffsetsToTransaction(transaction.offsets(), new"
              + " org.apache.kafka.clients.consumer.ConsumerGroupMetadata("
              + "transaction.group().groupId()))")),
  NO_DRAIN_ON_REVOKE(
      "partitions are let go with what is open of them, which is committed later",
      Scene.REBALANCED,
      new Edit(
          Engine.WORKER_LOOP,
          """
                drain.run(revoked);
          """,
          "")),
  REBUILD_WITHOUT_FENCE(
      "claims are rebuilt while producers that hold work of before go on",
      Scene.EMPTIED,
      new Edit(
          "java/io/exactlyonce/guard/claimlog/KafkaClaimLog.java",
          "() -> fence(offsets)",
          "() -> {}")),
  ADOPTED_WITH_WORK(
      "a worker takes the new generation of claims over and keeps what it has in hand",
      Scene.EMPTIED,
      new Edit(
          Engine.WORKER_LOOP,
          """
              intake.clear();
              tracks.rewind();
              backPressure.pauseAll(tracks);
          """,
          """
              keeps = AbortCauses.of(e).name().equals("FENCED");
              if (keeps) {
                tracks.all().forEach(io.exactlyonce.engine.inflight.Track::takeBack);
              } else {
                intake.clear();
                tracks.rewind();
              }
              backPressure.pauseAll(tracks);
          """),
      new Edit(
          Engine.WORKER_LOOP,
          """
                positions.rewind();
          """,
          """
                if (!keeps) {
                  positions.rewind();
                }
          """),
      new Edit(
          Engine.WORKER_LOOP,
          """
            private volatile long turnAt = System.nanoTime();
          """,
          """
            private volatile long turnAt = System.nanoTime();
            private boolean keeps;
          """)),
  OWN_CLAIM_BY_OFFSET(
      "a claim is taken for a record's own where the offset is the same, whatever the partition",
      Scene.COPIES,
      new Edit(
          Engine.POSITION,
          """
              putTag(buffer, topicId);
              putVariable(buffer, partition);
              putVariable(buffer, offset);
          """,
          """
              putVariable(buffer, offset);
          """)),
  RECEIPT_ENDS_EARLY(
      "a receipt says that it ends one offset before it does",
      Scene.COPIES,
      new Edit(
          "java/io/exactlyonce/engine/transaction/PendingTransaction.java",
          """
                        part.from,
                        track.sent(),
          """,
          """
                        part.from,
                        track.sent() - 1,
          """)),
  RESUMED_FROM_MEMORY(
      "after an abort reading goes on where it was, and not where the group's offsets are",
      Scene.EMPTIED,
      new Edit(
          "java/io/exactlyonce/engine/worker/Positions.java",
          "long start = starts.getOrDefault(track.partition, answer.begin());",
          "long start = Math.max(starts.getOrDefault(track.partition, answer.begin()),"
              + " consumer.position(track.partition));")),
  TOPIC_ID_IGNORED(
      "a record of a topic that was made anew passes for that of the old one",
      Scene.MADE_ANEW,
      new Edit(Engine.POSITION, "putTag(buffer, topicId);", "putTag(buffer, Uuid.ZERO_UUID);")),
  EFFECT_FORGOTTEN(
      "what a call returned is not looked for at the next attempt",
      Scene.NONE,
      new Edit(
          "java/io/exactlyonce/guard/redis/RedisEffectStore.java",
          "return ask(redis -> redis.sync().get(keys.effect(effect, eventId)));",
          "return null;")),
  NO_ID_ADMITTED(
      "a record without an event id is processed",
      Scene.NONE,
      new Edit(
          "java/io/exactlyonce/engine/intake/Admission.java",
          "return guarded && onMissingId == OnMissingId.DEAD_LETTER",
          "return guarded && onMissingId == null")),
  KEY_OF_THE_RUN(
      "the idempotency key is another one at each run",
      Scene.NONE,
      new Edit(
          "java/io/exactlyonce/handler/Event.java",
          """
            public String idempotencyKey() {
              return id;
          """,
          """
            public String idempotencyKey() {
              return id + "-" + System.nanoTime();
          """));

  /**
   * One change.
   *
   * @param file below src/main
   * @param find text that occurs in it once
   * @param replace text that takes its place
   */
  record Edit(String file, String find, String replace) {}

  /** Files that several bugs change. */
  private static final class Engine {
    static final String WORKER_LOOP = "java/io/exactlyonce/engine/worker/WorkerLoop.java";
    static final String TRANSACTIONS = "java/io/exactlyonce/engine/transaction/Transactions.java";
    static final String TRANSACTIONAL_PRODUCER =
        "java/io/exactlyonce/engine/transaction/TransactionalProducer.java";
    static final String REDIS_GUARD = "java/io/exactlyonce/guard/redis/RedisGuard.java";
    static final String POSITION = "java/io/exactlyonce/guard/Position.java";
  }

  private final String text;
  private final Scene scene;
  private final List<Edit> edits;

  PlantedBug(String text, Scene scene, Edit... edits) {
    this.text = text;
    this.scene = scene;
    this.edits = List.of(edits);
  }

  /** The id, as it is given by -Dplant=. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static PlantedBug of(String id) {
    return Arrays.stream(values())
        .filter(bug -> bug.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "-Dplant="
                        + id
                        + ": write all, or one of "
                        + Arrays.stream(values())
                            .map(PlantedBug::id)
                            .collect(Collectors.joining(", "))));
  }

  String text() {
    return text;
  }

  /** The shortest run in which the bug shows. */
  Scene scene() {
    return scene;
  }

  List<Edit> edits() {
    return edits;
  }

  /** The bugs that show in a scene. The others show in the specs that promises.md names. */
  static List<PlantedBug> played() {
    return Arrays.stream(values()).filter(bug -> bug.scene != Scene.NONE).toList();
  }
}
