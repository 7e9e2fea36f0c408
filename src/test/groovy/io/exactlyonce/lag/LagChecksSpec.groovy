package io.exactlyonce.lag

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.Uuid
import spock.lang.Tag

import java.time.Duration
import java.time.Instant
import java.util.concurrent.CountDownLatch

/** What is measured of a real group on a real broker. */
class LagChecksSpec extends LagSpec {

  CountDownLatch go = new CountDownLatch(1)

  def cleanup() {
    go.countDown()
  }

  /** Stands at the event until the feature is over. */
  Handler<String> standingAt(String value) {
    { event ->
      if (event.value() == value) go.await()
      Outcome.skip('seen')
    } as Handler<String>
  }

  void commit(int partition, long offset, String metadata = '') {
    admin.alterConsumerGroupOffsets(name, [(this.partition(partition)): new OffsetAndMetadata(offset, metadata)]).all().get()
  }

  String topicId() {
    admin.describeTopics([source]).allTopicNames().get()[source].topicId().toString()
  }

  def "a group without offsets or members has all of the log as its lag, and is STOPPED"() {
    given:
    produce((0..<5).collect { record("v$it", partition: 1) })

    when:
    def lag = check(checks())

    then:
    lag.measured
    lag.partitions()*.partition() == [partition(0), partition(1), partition(2)]
    lag.partitions()*.records() == [0, 5, 0]
    lag.partitions()*.state().toSet() == [LagState.STOPPED] as Set
    lag.partitions()*.owner().toSet() == [''] as Set
    lag.records() == 5
  }

  def "the age of a lag is known at the first check, by the timestamp of the record that waits"() {
    given: 'and not by the one that was committed, nor by the newest'
    def now = System.currentTimeMillis()
    produce([dated(0, now - 900_000), dated(0, now - 600_000), dated(0, now)])
    commit(0, 1)

    when:
    def seconds = of(check(checks()), 0).seconds()

    then:
    seconds.kind() == LagSeconds.Kind.EXACT
    Math.abs(seconds.value() - 600) < 10
  }

  def "one record with a time in the future hides no lag behind it"() {
    given: 'a look-up of offsets by time would answer with this one for any time'
    def now = System.currentTimeMillis()
    produce([dated(0, now + 1_800_000), dated(0, now - 600_000)])
    commit(0, 1)

    expect:
    Math.abs(of(check(checks()), 0).seconds().value() - 600) < 10
  }

  def "a record that waits with a time in the future is as old as the checks have seen it"() {
    given:
    produce([dated(0, System.currentTimeMillis() + 1_800_000)])
    def checks = checks()
    def first = check(checks)

    when:
    GroupLag last = first
    await(BOUND) { last = check(checks); assert last.at() > first.at().plusSeconds(1) }

    then:
    with(of(last, 0).seconds()) {
      kind() == LagSeconds.Kind.AT_LEAST
      Math.abs(value() - Duration.between(first.at(), last.at()).toMillis() / 1000) < 0.3
    }
  }

  def "where markers alone lie before the last stable offset the check does not wait for a record"() {
    given:
    def producer = transactional(unique('foreign'))
    producer.send(new ProducerRecord<>(source, 0, null, 'x'.bytes)).get()
    producer.abortTransaction()
    await(BOUND) { assert isSettled(source) }
    def began = System.nanoTime()

    when:
    def lag = of(check(checks()), 0)

    then:
    lag.records() == 2
    Duration.ofNanos(System.nanoTime() - began) < Duration.ofMillis(2500)
  }

  def "a foreign transaction that stays open is seen at the next check: what it holds back, its id, age and time-out"() {
    given:
    def id = unique('foreign')
    def opened = Instant.now()
    def producer = transactional(id)
    3.times { producer.send(new ProducerRecord<>(source, 2, null, 'x'.bytes)).get() }
    def checks = checks()

    when:
    def lag = of(check(checks), 2)

    then: 'it is no lag: no reader could read it yet'
    lag.records() == 0
    lag.heldBack() == 3
    lag.open().transactionalId() == id
    lag.open().ageMillis() in 0L..(Duration.between(opened, Instant.now()).toMillis())
    lag.open().timeoutMillis() == 60_000

    when:
    producer.commitTransaction()
    await(BOUND) { assert isSettled(source) }
    def after = of(check(checks), 2)

    then: 'the marker is an offset too'
    after.heldBack() == 0
    after.open() == null
    after.records() == 4
  }

  def "an offset that a transaction leaves undecided is measured as it was decided last"() {
    given:
    produce((0..<10).collect { record("v$it", partition: 0) })
    commit(0, 4)
    commit(1, 0)
    def producer = transactional(unique('undecided'))
    producer.sendOffsetsToTransaction([(partition(0)): new OffsetAndMetadata(9)], new ConsumerGroupMetadata(name))

    when:
    def lag = check(checks())

    then:
    lag.measured
    lag.partitions()*.records() == [6, 0, 0]
  }

  def "records that the log has lost before they were processed are a loss and no lag"() {
    given:
    produce((0..<10).collect { record("v$it", partition: 0) })
    commit(0, 3)
    admin.deleteRecords([(partition(0)): RecordsToDelete.beforeOffset(8)]).all().get()

    when:
    def lag = check(checks())

    then:
    of(lag, 0).lost() == 5
    of(lag, 0).records() == 2
    [lag.lost(), lag.records()] == [5, 2]
  }

  def "an offset of an earlier topic of that name says nothing of this one"() {
    given:
    produce((0..<10).collect { record("v$it", partition: 0) })

    when:
    commit(0, 7, Uuid.randomUuid().toString())

    then:
    of(check(checks()), 0).records() == 10

    when:
    commit(0, 7, topicId())

    then:
    of(check(checks()), 0).records() == 3
  }

  def "a topic that is not there is named, and the others are measured"() {
    when:
    def lag = check(checks(topics: [source, "$name-none".toString()]))

    then:
    !lag.measured
    lag.cannotMeasure() == "$name-none: there is no such topic"
    lag.since() != null
    lag.partitions().size() == 3
  }

  static long recordsOf(GroupLag lag, String topic) {
    lag.partitions().findAll { it.partition().topic() == topic }.sum { it.records() } as long
  }

  def "the records that wait in retry topics are part of the lag"() {
    given:
    def running = run(['retry.topics': '10m', ordering: 'none', 'retry.attempts': '1'], { throw new IllegalStateException('not yet') })
    produce((0..<6).collect { record("v$it", partition: it % 3) })
    def topics = running.pipeline().config().subscribed()
    def checks = checks(topics: topics, known: known(running))

    when:
    GroupLag lag = null
    await(BOUND) { lag = check(checks); assert lag.measured && recordsOf(lag, topics[1]) >= 6 && recordsOf(lag, source) == 0 }

    then:
    topics[1] == "${name}.retry.10m"
    lag.partitions()*.owner().toSet().size() == 1
    !lag.partitions().first().owner().empty

    and: 'a command that knows no configuration finds them too'
    GroupTopics.find(admin, name, Duration.ofSeconds(10)) == topics as Set
  }

  @Tag('long')
  def "under a handler that stands seconds grow by the clock, exactly by the worker's record, until it is STALLED"() {
    given:
    def running = run(standing(), standingAt('v3'))
    produce((0..<8).collect { record("v$it", partition: 0) })
    def mine = checks(known: known(running))
    await(BOUND) { assert committedOf(0) == 3 }
    def truth = readCommitted(source).find { it.offset() == 3 && it.partition() == 0 }.timestamp()

    when:
    def lags = []
    await(BOUND) { lags << check(mine); assert of(lags.last(), 0).state() == LagState.STALLED }

    then:
    lags.every { of(it, 0).records() == 5 }
    lags.every { of(it, 0).seconds().kind() == LagSeconds.Kind.EXACT }
    lags.every { Math.abs(of(it, 0).seconds().value() - (it.at().toEpochMilli() - truth) / 1000) < 0.3 }
    lags.last().seconds() - lags.first().seconds() >= 0.8

    and: 'which needed no read of a record'
    def without = new LagChecks([new Watched(name, name, [source] as Set)], { assert false }, known(running), bootstrapServers,
        Duration.ofSeconds(5), SHORT, java.time.Clock.systemUTC())
    known(running).oldest(name)
    await(BOUND) { assert known(running).oldest(name).containsKey(partition(0)) }
    of(check(without), 0).seconds().kind() == LagSeconds.Kind.EXACT
  }

  Map<String, String> standing() {
    [concurrency: '2', 'commit-interval': '20ms', 'stop-timeout': '2s', 'drain-timeout': '1s']
  }

  long committedOf(int number) {
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()[partition(number)]?.offset() ?: 0
  }

  def "when all workers are closed the lag is reported all the same, and is STOPPED"() {
    given:
    def running = run()
    produce((0..<30).collect { record("v$it") })
    awaitDrained()
    def before = checks()
    assert check(before).partitions()*.state().toSet() == [LagState.OK] as Set

    when:
    opened.removeLast()
    running.close()
    produce((30..<50).collect { record("v$it") })
    def lags = [check(before), check(checks())]

    then:
    lags.every { it.records() == 20 }
    lags.every { it.partitions()*.state().toSet() == [LagState.STOPPED] as Set }
    lags.every { it.measured && it.seconds() < 60 }
  }
}
