package io.exactlyonce.deadletter;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/**
 * Writes dead letters back to the topics that they came from, each once: records, the list of what
 * was replayed and the offsets of the replay's group commit in one transaction. A replay that was
 * killed can be repeated, and goes on after its last commit. One replay of a group at a time: a
 * second one takes over, and the first fails.
 *
 * <p>It may run beside the pipeline, and needs nothing but Kafka. Other groups that read the source
 * see the record again; their guards drop it, if they have one.
 */
public final class Replay {
  /** Whether anything is written. */
  public enum Mode {
    WRITE,
    DRY_RUN
  }

  /** Receives each letter that fits the filter, in offset order per partition. */
  public interface Watcher {
    /**
     * The letter goes to its source, unless its transaction fails.
     *
     * @param id the event id; null where none is found
     */
    void replayed(Letter letter, @Nullable String id);

    /** The letter cannot be replayed, and stays where it is. */
    void refused(Letter letter, String why);

    /** So many letters are committed so far. */
    default void committed(long letters) {}
  }

  private static final long PAUSE_NANOS = 50_000_000;

  private final Supplier<Admin> admins;
  private final Function<String, Consumer<byte[], byte[]>> consumers;
  private final Function<String, Producer<byte[], byte[]>> producers;
  private final ReplayScope scope;
  private final Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds;
  private final Clock clock;

  /**
   * @param consumers makes a read_committed consumer with this group; it is assigned its partitions
   * @param producers makes the producer with this transactional id
   * @param eventIds finds a record's event id as the pipeline does
   */
  public Replay(
      Supplier<Admin> admins,
      Function<String, Consumer<byte[], byte[]>> consumers,
      Function<String, Producer<byte[], byte[]>> producers,
      ReplayScope scope,
      Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds,
      Clock clock) {
    this.admins = admins;
    this.consumers = consumers;
    this.producers = producers;
    this.scope = scope;
    this.eventIds = eventIds;
    this.clock = clock;
  }

  /**
   * Replays the letters that are there when it begins.
   *
   * @param most so many letters at most; 0 for all
   * @throws KafkaException where the cluster does not answer or refuses; what was committed by then
   *     stays replayed
   * @throws IllegalArgumentException where the list of earlier replays cannot be read
   */
  public ReplayReport run(ReplayFilter filter, Mode mode, long most, Watcher watcher) {
    try (BoundedClose<Admin> closing = BoundedClose.of(admins.get());
        BoundedClose<Consumer<byte[], byte[]>> reading =
            BoundedClose.of(consumers.apply(scope.replayGroup()))) {
      Admin admin = closing.client();
      Consumer<byte[], byte[]> consumer = reading.client();
      LogOffsets offsets = new LogOffsets(admin, scope.patience());
      LogReader reader = new LogReader(consumer, scope.patience());
      Uuid lettersId =
          requireNonNull(offsets.describe(List.of(scope.deadLetters())).get(scope.deadLetters()))
              .topicId();
      ReplayLog log = new ReplayLog(scope.log(), lettersId);
      Sources sources = new Sources(offsets);
      Function<ReplayTransactions, ReplayRun> runs =
          transactions ->
              new ReplayRun(
                  scope.group(), log, transactions, sources, filter, most, watcher, this::id);
      if (mode == Mode.DRY_RUN) {
        return run(offsets, reader, log, runs.apply(null));
      }
      maybeCreateLog(admin, offsets);
      try (ReplayTransactions transactions =
          new ReplayTransactions(
              producers.apply(scope.transactionalId()), consumer::groupMetadata, scope, clock)) {
        // First: what another replay has open is decided before its list is read.
        transactions.init();
        return run(offsets, reader, log, runs.apply(transactions));
      }
    }
  }

  private ReplayReport run(LogOffsets offsets, LogReader reader, ReplayLog log, ReplayRun run) {
    readLog(offsets, reader, log);
    List<TopicPartition> partitions = offsets.partitions(List.of(scope.deadLetters()));
    Map<TopicPartition, Long> from = new HashMap<>(offsets.earliest(partitions));
    frontiers(reader.consumer(), partitions, log)
        .forEach((partition, offset) -> from.merge(partition, offset, Math::max));
    Map<TopicPartition, Long> to = offsets.latest(partitions);
    run.begin(from);
    reader.read(from, to, record -> run.visit(new Letter(record)));
    return run.finish(to);
  }

  /**
   * Offsets up to which earlier replays have dealt with every letter. Those of an earlier topic of
   * that name say nothing of these letters.
   */
  private Map<TopicPartition, Long> frontiers(
      Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions, ReplayLog log) {
    Map<TopicPartition, Long> frontiers = new HashMap<>();
    consumer
        .committed(Set.copyOf(partitions), scope.patience())
        .forEach(
            (partition, known) -> {
              if (known != null && log.isOfTheseLetters(known.metadata())) {
                frontiers.put(partition, known.offset());
              }
            });
    return frontiers;
  }

  private void readLog(LogOffsets offsets, LogReader reader, ReplayLog log) {
    if (!exists(offsets)) {
      return; // a dry run before the first replay
    }
    List<TopicPartition> partitions = offsets.partitions(List.of(scope.log()));
    reader.read(
        offsets.earliest(partitions),
        offsets.latest(partitions),
        record -> {
          if (record.value() != null) {
            log.add(record.value(), scope.deadLetters());
          }
          return true;
        });
  }

  private boolean exists(LogOffsets offsets) {
    return offsets.get(offsets.admin().listTopics().names()).contains(scope.log());
  }

  /** Creates the list of replays, kept for ever: letters that it lost would be replayed again. */
  private void maybeCreateLog(Admin admin, LogOffsets offsets) {
    if (exists(offsets)) {
      return;
    }
    NewTopic topic =
        new NewTopic(scope.log(), Optional.of(1), Optional.empty())
            .configs(Map.of("retention.ms", "-1", "cleanup.policy", "delete"));
    try {
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new KafkaException(
            "topic "
                + scope.log()
                + " cannot be created: "
                + requireNonNull(e.getCause()).getMessage(),
            e);
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
    awaitLog(offsets);
  }

  /** Waits for the list: a topic is known before its leader, and to one broker before another. */
  private void awaitLog(LogOffsets offsets) {
    long began = System.nanoTime();
    while (true) {
      try {
        offsets.latest(offsets.partitions(List.of(scope.log())));
        return;
      } catch (RetriableException e) {
        if (System.nanoTime() - began > scope.patience().toNanos()) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private @Nullable String id(Letter letter) {
    byte[] id = eventIds.apply(letter.record());
    return id == null ? null : new String(id, StandardCharsets.UTF_8);
  }

  /** The topics that letters go back to; each is described once. */
  static final class Sources {
    private final LogOffsets offsets;
    private final Map<String, Integer> partitions = new HashMap<>();

    Sources(LogOffsets offsets) {
      this.offsets = offsets;
    }

    /** Why no record can be written to the partition; null where one can. */
    @Nullable String missing(TopicPartition wanted) {
      int known =
          partitions.computeIfAbsent(
              wanted.topic(),
              topic -> {
                try {
                  return requireNonNull(offsets.describe(List.of(topic)).get(topic))
                      .partitions()
                      .size();
                } catch (org.apache.kafka.common.errors.UnknownTopicOrPartitionException e) {
                  return 0;
                }
              });
      return wanted.partition() < known ? null : "its source " + wanted + " does not exist";
    }
  }
}
