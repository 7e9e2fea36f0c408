package io.exactlyonce.torture;

import io.exactlyonce.local.ChildProcess;
import io.exactlyonce.local.KafkaNode;
import io.lettuce.core.KillArgs;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Breaks one part and mends it again, on the thread of that part. */
final class FaultStrike {
  private static final Duration CALL = Duration.ofSeconds(20);
  private static final int MAX_PARTITIONS = 12;

  private final TortureCluster cluster;
  private final Sender sender;
  private final Random random;

  /** Counted down when the run is over: what is broken is mended at once then. */
  private final CountDownLatch over;

  private int extra;

  FaultStrike(TortureCluster cluster, Sender sender, Random random, CountDownLatch over) {
    this.cluster = cluster;
    this.sender = sender;
    this.random = random;
    this.over = over;
  }

  /** Causes the fault, and returns when it is mended. */
  void run(Fault fault) throws InterruptedException {
    switch (fault) {
      case INSTANCE_KILLED -> killed(drawInstance());
      case INSTANCE_STOPPED_SHORT -> stopped(drawInstance(), seconds(1, 4));
      case INSTANCE_STOPPED_LONG -> stopped(drawInstance(), seconds(8, 14));
      case INSTANCE_RESTARTED -> restarted(drawInstance());
      case SCALED_UP_AND_DOWN -> extra();
      case BROKER_KILLED -> killed(node(random.nextInt(3)));
      case BROKER_STOPPED -> stopped(node(random.nextInt(3)));
      case GROUP_COORDINATOR_KILLED -> killed(groupCoordinator());
      case GROUP_COORDINATOR_STOPPED -> stopped(groupCoordinator());
      case TRANSACTION_COORDINATOR_KILLED -> killed(transactionCoordinator());
      case TRANSACTION_COORDINATOR_STOPPED -> stopped(transactionCoordinator());
      case LEADERS_MOVED -> moveLeaders();
      case PARTITIONS_ADDED -> addPartition();
      case TRANSACTION_LEFT_OPEN -> sender.leaveOpen(8_000);
      case REDIS_FLUSHED -> cluster.tellRedis(redis -> redis.flushall());
      case REDIS_KILLED -> {
        cluster.redis().kill();
        pause(seconds(0, 4));
        cluster.redis().restart();
      }
      case REDIS_STOPPED -> {
        cluster.redis().pause();
        pause(seconds(1, 6));
        cluster.redis().resume();
      }
      case REDIS_FULL -> {
        cluster.tellRedis(redis -> redis.configSet("maxmemory", "1"));
        pause(seconds(2, 5));
        cluster.tellRedis(redis -> redis.configSet("maxmemory", "0"));
      }
      case REDIS_READ_ONLY -> {
        cluster.tellRedis(redis -> redis.replicaof("127.0.0.1", 1));
        pause(seconds(2, 5));
        cluster.tellRedis(redis -> redis.replicaofNoOne());
      }
      case REDIS_CONNECTIONS_CUT ->
          cluster.tellRedis(redis -> redis.clientKill(KillArgs.Builder.typeNormal()));
      case REDIS_BLACK_HOLE -> {
        cluster.toRedis().cut();
        pause(seconds(2, 8));
        cluster.toRedis().mend();
      }
      default -> throw new IllegalStateException("no such fault: " + fault);
    }
  }

  private int drawInstance() {
    return random.nextInt(TortureCluster.INSTANCES);
  }

  private Duration seconds(int least, int most) {
    return Duration.ofMillis(least * 1000L + random.nextInt((most - least) * 1000));
  }

  private void pause(Duration length) throws InterruptedException {
    over.await(length.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void killed(int instance) throws InterruptedException {
    cluster.instance(instance).kill();
    pause(seconds(0, 5));
    cluster.startInstance(instance);
  }

  private void stopped(int instance, Duration length) throws InterruptedException {
    ChildProcess process = cluster.instance(instance);
    process.pause();
    try {
      pause(length);
    } finally {
      process.resume();
    }
  }

  private void restarted(int instance) {
    if (!cluster.instance(instance).terminate(Duration.ofSeconds(40))) {
      throw new IllegalStateException(
          "instance " + instance + " outlived its stop of 20 s by as much again");
    }
    cluster.startInstance(instance);
  }

  private void extra() throws InterruptedException {
    int number = TortureCluster.INSTANCES + extra++ % 2;
    cluster.startInstance(number);
    pause(seconds(5, 15));
    cluster.instance(number).terminate(Duration.ofSeconds(40));
    cluster.forgetInstance(number);
  }

  private KafkaNode node(int index) {
    return cluster.kafka().node(index);
  }

  private void killed(KafkaNode node) throws InterruptedException {
    node.kill();
    try {
      pause(seconds(0, 5));
    } finally {
      node.restart();
    }
    awaitInSync();
  }

  private void stopped(KafkaNode node) throws InterruptedException {
    node.pause();
    try {
      pause(seconds(2, 12));
    } finally {
      node.resume();
    }
    awaitInSync();
  }

  private KafkaNode groupCoordinator() throws InterruptedException {
    return of(
        () ->
            answer(admin().describeConsumerGroups(List.of(TortureCluster.TOPICS.group())).all())
                .get(TortureCluster.TOPICS.group())
                .coordinator()
                .id());
  }

  private KafkaNode transactionCoordinator() throws InterruptedException {
    String id = TortureCluster.TOPICS.group() + ".i" + drawInstance() + "-0-a";
    return of(
        () -> answer(admin().describeTransactions(List.of(id)).all()).get(id).coordinatorId());
  }

  private interface Asked {
    int ask() throws InterruptedException, ExecutionException, TimeoutException;
  }

  /** The node of the broker id that is answered, or any node where there is no answer. */
  private KafkaNode of(Asked question) throws InterruptedException {
    try {
      return node(question.ask() - 1);
    } catch (ExecutionException | TimeoutException e) {
      return node(random.nextInt(3));
    }
  }

  /**
   * Waits until all brokers are in sync again: a second loss before would leave fewer than
   * min.insync.replicas.
   */
  private void awaitInSync() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (!isInSync()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("the brokers are not in sync 90 s after a fault");
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private boolean isInSync() throws InterruptedException {
    try {
      return answer(
              admin()
                  .describeTopics(List.of(TortureCluster.SOURCE, "__transaction_state"))
                  .allTopicNames())
          .values()
          .stream()
          .flatMap(topic -> topic.partitions().stream())
          .allMatch(partition -> partition.isr().size() == 3);
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  /**
   * Puts another broker first in the replicas of each partition, and has it elected as the leader.
   */
  private void moveLeaders() throws InterruptedException {
    int first = random.nextInt(3);
    List<Integer> replicas = List.of(first + 1, (first + 1) % 3 + 1, (first + 2) % 3 + 1);
    try {
      Map<TopicPartition, Optional<NewPartitionReassignment>> moves =
          answer(
                  admin()
                      .describeTopics(List.of(TortureCluster.SOURCE, TortureCluster.TOPICS.left()))
                      .allTopicNames())
              .values()
              .stream()
              .flatMap(
                  topic ->
                      topic.partitions().stream()
                          .map(one -> new TopicPartition(topic.name(), one.partition())))
              .collect(
                  Collectors.toMap(
                      one -> one, one -> Optional.of(new NewPartitionReassignment(replicas))));
      answer(admin().alterPartitionReassignments(moves).all());
      answer(admin().electLeaders(ElectionType.PREFERRED, moves.keySet()).all());
    } catch (ExecutionException | TimeoutException e) {
      // A broker is away, which moves its leaders too.
    }
  }

  private void addPartition() throws InterruptedException {
    try {
      int now =
          answer(admin().describeTopics(List.of(TortureCluster.SOURCE)).allTopicNames())
              .get(TortureCluster.SOURCE)
              .partitions()
              .size();
      if (now < MAX_PARTITIONS) {
        answer(
            admin()
                .createPartitions(Map.of(TortureCluster.SOURCE, NewPartitions.increaseTo(now + 1)))
                .all());
        cluster.helper().awaitTopic(TortureCluster.SOURCE, now + 1);
        sender.partitionsAdded(now + 1);
      }
    } catch (ExecutionException | TimeoutException e) {
      // A broker is away.
    }
  }

  private Admin admin() {
    return cluster.helper().admin();
  }

  private static <T> T answer(KafkaFuture<T> asked)
      throws InterruptedException, ExecutionException, TimeoutException {
    return asked.get(CALL.toMillis(), TimeUnit.MILLISECONDS);
  }
}
