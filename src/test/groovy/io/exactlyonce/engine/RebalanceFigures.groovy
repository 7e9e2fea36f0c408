package io.exactlyonce.engine

import io.exactlyonce.receipt.ReceiptReader
import org.apache.kafka.clients.admin.NewPartitions

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.time.Duration

/**
 * How long partitions stand still: {@code mvn test -Dtest=RebalanceFigures}; the
 * figures go to target/rebalance-figures.txt. Read from the receipts, which carry the time at which
 * their transaction was handed over, so from what was committed and nothing else.
 */
class RebalanceFigures extends OwnBackendsSpec {

  static final int PARTITIONS = 12
  static final Duration STOP = Duration.ofSeconds(20)
  static final Path FIGURES = Path.of('target', 'rebalance-figures.txt')

  /** Partition to what was committed of it: when, and by whom. */
  Map<Integer, List<Map>> commits() {
    readCommitted("$name" + '.receipts').collect { ReceiptReader.read(it.value()) }
        .collectMany { receipt -> receipt.spans().collect { [partition: it.partition(), at: receipt.millis(), by: receipt.worker()] } }
        .groupBy { it.partition }
        .collectEntries { [it.key, it.value.sort { commit -> commit.at }] }
  }

  /** The longest time between two commits of each partition, of those that changed hands and of those that did not. */
  void report(String what, long from, long to) {
    def gaps = commits().collect { partition, all ->
      def within = all.findAll { it.at >= from - 500 && it.at <= to }
      [longest: within.collate(2, 1, false).collect { it[1].at - it[0].at }.max() ?: 0, moved: within*.by.toSet().size() > 1]
    }
    def (moved, kept) = gaps.split { it.moved }
    note(what, "kept ${spread(kept*.longest)}, moved ${spread(moved*.longest)}")
  }

  String spread(List<Long> millis) {
    millis.empty ? 'none' : "${millis.size()}: median ${millis.sort()[millis.size().intdiv(2)]} ms, longest ${millis.max()} ms"
  }

  void note(String what, String figures) {
    Files.writeString(FIGURES, "$what: $figures\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND)
  }

  /** Long enough for everything in the air to settle: so many more records of each partition. */
  void settle() {
    def goal = committedOffsets().collectEntries { [it.key, it.value + 200] }
    await(BOUND) { def now = committedOffsets(); assert goal.every { now[it.key] >= it.value } }
  }

  def "scale-out, scale-in, rolling restart and kill -9 (#protocol, #membership)"() {
    given:
    admin.createPartitions([(source): NewPartitions.increaseTo(PARTITIONS)]).all().get()
    kafka.awaitTopic(source, PARTITIONS)
    def settings = ['group-protocol': protocol, membership: membership, 'commit-interval': '100ms',
                    'in-flight-records': '20000', 'consumer.max.poll.records': '2000']
    def heartbeat = System.getProperty('heartbeat')
    if (protocol == 'classic' && heartbeat) settings['consumer.heartbeat.interval.ms'] = heartbeat
    def run = "$protocol, $membership" + (heartbeat ? ", heartbeat $heartbeat" : '')
    def running = ['a', 'b'].collectEntries { [it, worker(settings, it)] }

    when:
    underLoad(3_000, PARTITIONS) {
      awaitShared(2, PARTITIONS)
      settle()
      def at = System.currentTimeMillis()
      running.c = worker(settings, 'c')
      awaitShared(3, PARTITIONS)
      settle()
      report("$run: scale-out 2 to 3", at, System.currentTimeMillis())

      at = System.currentTimeMillis()
      assert running.b.terminate(STOP)
      running.b = worker(settings, 'b')
      awaitShared(3, PARTITIONS)
      settle()
      report("$run: restart of one of three", at, System.currentTimeMillis())

      def dead = members().find { it.clientId() == "$name-c-0" }.assignment().topicPartitions()*.partition()
      at = System.currentTimeMillis()
      running.c.kill()
      await(BOUND) { assert commits().subMap(dead).every { partition, all -> all.last().at > at && all.last().by != "$name-c-0" } }
      def first = commits().subMap(dead).values().collect { all -> all.find { it.at > at && it.by != "$name-c-0" }.at - at }
      note("$run: kill -9 to the first commit on the partitions taken over", spread(first))
      settle()
      report("$run: the others meanwhile", at, System.currentTimeMillis())
    }

    then:
    everyEventOnce()

    where:
    [protocol, membership] << cases([['classic', 'dynamic'], ['consumer', 'dynamic']], [['classic', 'static'], ['consumer', 'static']])
  }
}
