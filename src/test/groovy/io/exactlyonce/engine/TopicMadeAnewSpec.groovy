package io.exactlyonce.engine

import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.read.ListAppender
import io.exactlyonce.engine.topic.TopicWatch
import io.exactlyonce.engine.worker.Positions
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.receipt.audit.Finding
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.serialization.ByteArraySerializer
import org.slf4j.LoggerFactory
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean

/** A topic is its id: one that is deleted and made anew under its name begins at its beginning. */
class TopicMadeAnewSpec extends PipelineSpec {

  Uuid idOf(String topic) {
    admin.describeTopics([topic]).allTopicNames().get()[topic].topicId()
  }

  /** The old one is gone when this returns, and the new one can be written to. */
  void remake(String topic, int partitions = 3) {
    def old = idOf(topic)
    admin.deleteTopics([topic]).all().get()
    create(topic, old, partitions)
  }

  /** A request that is repeated may have been granted the first time, whatever the client was told. */
  void create(String topic, Uuid old, int partitions = 3) {
    await(BOUND) {
      maybe { createTopic(topic, partitions); true }
      maybe { idOf(topic) != old }
    }
    kafka.awaitTopic(topic, partitions)
  }

  /** False where it cannot be done yet. */
  boolean maybe(Closure<Boolean> step) {
    try {
      step()
    } catch (Exception ignored) {
      false
    }
  }

  Map<TopicPartition, OffsetAndMetadata> committed() {
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get()
  }

  /** The group stands at the end of the partition, in the topic that is there now. */
  void awaitRead(int partition, long end) {
    def id = idOf(source).toString()
    await(BOUND) {
      def known = committed()[new TopicPartition(source, partition)]
      known != null && known.metadata() == id && known.offset() == end
    }
    await(BOUND) { [sink, "$name" + '.receipts'].every { isSettled(it) } }
  }

  List<String> seen(String prefix) {
    visible().findAll { it.startsWith(prefix) }
  }

  List<String> all(String prefix, int count) {
    (0..<count).collect { "$prefix$it".toString() }.sort()
  }

  List notices() {
    receipts()*.decisions().flatten().findAll { it.done() == Positions.MADE_ANEW }*.at()
  }

  @Tag('long')
  def "made anew while it runs idle, with #fresh records for #old: each once, said in a receipt (#protocol, guard #guard)"() {
    given:
    run('guard.store': guard, 'group-protocol': protocol)
    produce((0..<old).collect { record("old$it", partition: 0) })
    awaitDrained()

    when:
    remake(source)
    produce((0..<fresh).collect { record("new$it", partition: 0) })
    awaitRead(0, fresh)

    then:
    seen('new') == all('new', fresh)
    seen('old') == all('old', old)
    notices().contains("$source-0@0".toString())

    where:
    protocol   | guard   | old | fresh
    'consumer' | 'off'   | 10  | 200
    'consumer' | 'redis' | 50  | 51
    'classic'  | 'off'   | 100 | 7
    'classic'  | 'redis' | 20  | 20
  }

  @Tag('long')
  def "made anew while a slow handler has the partition paused: each new record once, what was committed once (#protocol, #guard)"() {
    given:
    String to = sink
    def gate = new CountDownLatch(1)
    def slow = { event ->
      if (event.value() == 'old9') { gate.await() }
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    run(['guard.store': guard, 'group-protocol': protocol, 'in-flight-records': '8'], slow)
    produce((0..<20).collect { record("old$it", partition: 0) })
    await(BOUND) { visible().size() >= 9 }

    when:
    remake(source)
    produce((0..<200).collect { record("new$it", partition: 0) })
    gate.countDown()
    awaitRead(0, 200)

    then:
    seen('new') == all('new', 200)
    seen('old').size() == seen('old').toSet().size()
    seen('old').containsAll((0..<9).collect { "old$it".toString() })

    where:
    protocol   | guard
    'classic'  | 'off'
    'consumer' | 'off'
    'classic'  | 'redis'
    'consumer' | 'redis'
  }

  @Tag('long')
  def "made anew under load, by a writer that never stops: each record of the new topic once (#protocol, #guard)"() {
    given:
    run('guard.store': guard, 'group-protocol': protocol)
    def stop = new AtomicBoolean()
    def written = 0
    def feeder = Thread.start {
      def producer = new KafkaProducer<byte[], byte[]>(
          ['bootstrap.servers': bootstrapServers, 'linger.ms': 5, 'delivery.timeout.ms': 2000, 'request.timeout.ms': 1000, 'max.block.ms': 2000] as Map<String, Object>,
          new ByteArraySerializer(), new ByteArraySerializer())
      for (int i = 0; !stop.get(); i++) {
        maybe { (0..<20).collect { producer.send(record("old$i-$it", partition: it % 3)) }*.get(); true }
      }
      producer.close(Duration.ZERO)
    }
    await(BOUND) { visible().size() > 200 }

    when: 'the old topic is written to until it is gone'
    def old = idOf(source)
    admin.deleteTopics([source]).all().get()
    stop.set(true)
    feeder.join()
    create(source, old)
    10.times { round -> produce((0..<60).collect { record("new${written++}", partition: it % 3) }) }
    (0..2).each { awaitRead(it, 200) }

    then:
    seen('new') == all('new', 600)
    seen('old').size() == seen('old').toSet().size()

    where:
    protocol   | guard
    'consumer' | 'off'
    'classic'  | 'redis'
    'consumer' | 'redis'
    'classic'  | 'off'
  }

  @Tag('long')
  def "made anew while the pipeline is down: it begins at the beginning (an offset of the old one is left: #left)"() {
    given:
    def first = run('guard.store': 'off')
    produce((0..<30).collect { record("old$it", partition: 0) })
    awaitDrained()
    def old = idOf(source)
    first.close()

    when:
    remake(source)
    await(BOUND) { committed()[new TopicPartition(source, 0)] == null }
    if (left) {
      admin.alterConsumerGroupOffsets(name, [(new TopicPartition(source, 0)): new OffsetAndMetadata(30, old.toString())]).all().get()
    }
    produce((0..<40).collect { record("new$it", partition: 0) })
    run('guard.store': 'off')
    awaitRead(0, 40)

    then:
    seen('new') == all('new', 40)
    seen('old') == all('old', 30)
    notices().contains("$source-0@0".toString())

    where:
    left << [true, false]
  }

  def "made anew and loaded with the same events while some are in hand: each is processed once"() {
    given: 'the fifth is being handled, some behind it are claimed'
    def gate = new CountDownLatch(1)
    run(['in-flight-records': '8'], stuckAtV4(gate))
    produce(sameEvents())
    await(BOUND) { visible().size() >= 4 }

    when:
    remake(source)
    produce(sameEvents())
    gate.countDown()
    awaitRead(0, 20)

    then:
    visible() == all('v', 20)
    audit().findings() == []
  }

  @Tag('long')
  def "made anew with the same events, stopped #stopped that with some in hand, #next goes on: each once"() {
    given:
    def first = run(['in-flight-records': '8', 'drain-timeout': '100ms', 'instance-id': 'a'], stuckAtV4(new CountDownLatch(1)))
    produce(sameEvents())
    await(BOUND) { visible().size() >= 4 }

    when:
    if (stopped == 'before') { first.close() }
    remake(source)
    produce(sameEvents())
    first.close()
    run('instance-id': next)
    awaitRead(0, 20)

    then:
    visible() == all('v', 20)

    where:
    stopped  | next
    'before' | 'a'
    'before' | 'b'
    'after'  | 'b'
  }

  @Tag('long')
  def "made anew and left empty while it is down, then loaded with the same events, into #into: each once"() {
    given:
    def first = run(['in-flight-records': '8', 'drain-timeout': '100ms', 'instance-id': 'a'], stuckAtV4(new CountDownLatch(1)))
    produce(sameEvents())
    await(BOUND) { visible().size() >= 4 }
    first.close()

    when:
    remake(source)
    run('instance-id': 'b')
    await(BOUND) { notices().size() == 3 }
    produce(sameEvents(partition))
    awaitRead(partition, 20)

    then:
    visible() == all('v', 20)

    where:
    into                  | partition
    'the same partition'  | 0
    'another'             | 1
  }

  @Tag('long')
  def "made anew with the same events in another partition while it is down: each once"() {
    given: 'no receipt tells of the partition that they come to'
    def first = run(['in-flight-records': '8', 'drain-timeout': '100ms', 'instance-id': 'a'], stuckAtV4(new CountDownLatch(1)))
    produce(sameEvents())
    await(BOUND) { visible().size() >= 4 }
    first.close()

    when:
    remake(source)
    produce(sameEvents(2))
    run('instance-id': 'b')
    awaitRead(2, 20)

    then:
    visible() == all('v', 20)
  }

  @Tag('long')
  def "made anew with the same events before anything of it was committed: each once, in #into"() {
    given: 'claims are all that is left: neither an offset nor a receipt tells of the topic'
    def calls = ConcurrentHashMap.newKeySet()
    def stuck = { event -> calls << event.value(); new CountDownLatch(1).await() } as Handler<String>
    def first = run(['in-flight-records': '8', 'drain-timeout': '100ms', 'stop-timeout': '2s', 'instance-id': 'a'], stuck)
    produce(sameEvents())
    await(BOUND) { !calls.empty }
    first.close()
    assert committed().isEmpty() && receipts().empty

    when:
    remake(source)
    produce(sameEvents(partition))
    run('instance-id': 'b')
    awaitRead(partition, 20)

    then:
    visible() == all('v', 20)

    where:
    into                 | partition
    'the same partition' | 0
    'another'            | 2
  }

  @Tag('long')
  def "made anew while Redis hangs: nothing of it commits before the claims of the old one are released"() {
    given:
    def redis = LocalRedis.start()
    def gate = new CountDownLatch(1)
    def settings = [source: source, sinks: sink, 'in-flight-records': '8', 'guard.on-failure': onFailure]
    def running = TestPipeline.start(name, settings, stuckAtV4(gate), bootstrapServers, redis.uri())
    opened << running
    produce(sameEvents())
    await(BOUND) { visible().size() >= 4 }

    when:
    redis.pause()
    remake(source)
    gate.countDown()
    await(BOUND) { said(running).contains('claims of a deleted topic are not released') }
    def id = idOf(source).toString()

    then:
    !committed().any { partition, offset -> partition.partition() == 0 && offset.metadata() == id }

    when:
    produce(sameEvents())
    redis.resume()
    awaitRead(0, 20)

    then:
    visible() == all('v', 20)

    cleanup:
    redis?.resume()
    running?.close()
    redis?.close()

    where:
    onFailure << ['wait', 'bypass']
  }

  private List<ProducerRecord<byte[], byte[]>> sameEvents(int partition = 0) {
    (0..<20).collect { record("v$it", partition: partition) }
  }

  private Handler<String> stuckAtV4(CountDownLatch gate) {
    String to = sink
    return { event ->
      if (event.value() == 'v4') { gate.await() }
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  def "an offset that a tool sets has no id and is believed"() {
    given:
    def first = run('guard.store': 'off')
    produce((0..<30).collect { record("v$it", partition: 0) })
    awaitDrained()
    first.close()

    when:
    admin.alterConsumerGroupOffsets(name, [(new TopicPartition(source, 0)): new OffsetAndMetadata(25)]).all().get()
    run('guard.store': 'off')
    produce([record('last', partition: 0)])
    awaitRead(0, 31)

    then:
    visible().count { it == 'v24' } == 1
    visible().count { it == 'v25' } == 2
    notices().empty
  }

  def "made anew and left empty: the group's offsets become those of the new topic, with a receipt"() {
    given:
    run('guard.store': 'off')
    produce((0..<30).collect { record("old$it", partition: it % 3) })
    awaitDrained()

    when:
    remake(source)
    (0..2).each { awaitRead(it, 0) }

    then:
    notices().toSet() == (0..2).collect { "$source-$it@0".toString() }.toSet()
  }

  def "deleted for good: it says so, the other topic goes on; made anew, it is read"() {
    given:
    String other = "$name-other"
    createTopic(other, 1)
    def running = run(source: "$source,$other", 'guard.store': 'off')
    produce([record('old0', partition: 0)])
    awaitDrained()

    when:
    def old = idOf(source)
    admin.deleteTopics([source]).all().get()
    await(BOUND) { said(running).contains("$source was deleted") }
    def next = 0
    def began = System.nanoTime()
    await(BOUND) {
      produce([new ProducerRecord<byte[], byte[]>(other, 0, null, "other${next++}".bytes)])
      visible().count { it.startsWith('other') } > 0
    }
    def took = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began)

    then:
    took < 10

    when:
    create(source, old)
    produce([record('new0', partition: 0)])
    awaitRead(0, 1)

    then:
    seen('new') == ['new0']
    await(BOUND) { running.pipeline().status().ready }
  }

  @Tag('long')
  def "a retry topic made anew while it runs: what comes later is retried once, and the source goes on"() {
    given:
    String to = sink
    def failed = ConcurrentHashMap.newKeySet()
    def moody = { event ->
      if (event.value().startsWith('bad') && failed.add(event.value())) { throw new IOException('not yet') }
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    run([ordering: 'none', 'retry.attempts': '1', 'retry.topics': '1s'], moody)
    produce([record('bad0', partition: 0), record('good0', partition: 0)])
    awaitRetried('1s')

    expect:
    visible() == ['bad0', 'good0']

    when:
    remake("${name}.retry.1s")
    produce([record('bad1', partition: 0), record('bad2', partition: 0), record('good1', partition: 0)])
    await(BOUND) { visible().size() >= 5 }
    awaitRetried('1s')

    then:
    visible() == ['bad0', 'bad1', 'bad2', 'good0', 'good1']
    notices().any { it.startsWith("${name}.retry.1s-") }
  }

  def "dead letters made anew while it runs: letters go on, and the log says so"() {
    given:
    String to = sink
    def picky = { event ->
      if (event.value().startsWith('bad')) { throw new IOException('never') }
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    def running = run(['retry.attempts': '1'], picky)
    def log = watchLog()
    produce([record('bad0', partition: 0), record('good0', partition: 0)])
    awaitDrained()

    when:
    remake("${name}.dead-letters")
    produce([record('bad1', partition: 0), record('good1', partition: 0)])
    awaitDrained()

    then:
    values(readCommitted("${name}.dead-letters")) == ['bad1']
    visible() == ['good0', 'good1']
    await(BOUND) { says(log, "${name}.dead-letters was made anew") }
    running.pipeline().status().ready

    and: 'the audit finds the letter that was deleted with its topic, and nothing else'
    audit().findings().collect { [it.kind(), it.where()] } == [[Finding.Kind.LOST, "$source-0@0"]]
  }

  @Tag('long')
  def "a sink, then the receipts, made anew while it runs: outputs go on, the receipts' loss is shown"() {
    given:
    def running = run('guard.store': 'off')
    produce((0..<30).collect { record("a$it", partition: it % 3) })
    awaitDrained()

    when:
    remake(sink)
    produce((0..<30).collect { record("b$it", partition: it % 3) })
    awaitDrained()

    then:
    visible() == all('b', 30)

    when:
    remake("$name" + '.receipts', 1)
    produce((0..<30).collect { record("c$it", partition: it % 3) })
    awaitDrained()

    then:
    seen('c') == all('c', 30)
    await(BOUND) { running.pipeline().status().warnings().any { it.contains("${name}.receipts was made anew") } }
  }

  @Tag('long')
  def "#delivery: made anew while it runs, each record of the new topic comes"() {
    given:
    run(delivery: delivery, 'guard.store': 'off')
    produce((0..<10).collect { record("old$it", partition: 0) })
    awaitDrained()

    when:
    remake(source)
    produce((0..<40).collect { record("new$it", partition: 0) })
    awaitRead(0, 40)
    produce([record('last', partition: 0)])

    then:
    await(BOUND) { seen('last') == ['last'] }
    seen('new').unique() == all('new', 40)

    and: 'at-least-once may send twice what it read at the old offset before its commit told'
    delivery == 'at-least-once' || seen('new').size() == 40

    where:
    delivery << ['at-least-once', 'at-most-once']
  }

  @Tag('long')
  def "more partitions are read within 30 seconds, and the log says so"() {
    given:
    run('guard.store': 'off')
    def log = watchLog()
    produce([record('a', partition: 0)])
    awaitDrained()

    when:
    admin.createPartitions([(source): org.apache.kafka.clients.admin.NewPartitions.increaseTo(4)]).all().get()
    def began = System.nanoTime()
    kafka.awaitTopic(source, 4)
    produce([record('b', partition: 3)])
    await(BOUND) { visible().contains('b') }

    then:
    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) < 30
    await(BOUND) { says(log, "topic $source has 4 partitions, before 3") }
  }

  private ListAppender<ILoggingEvent> watchLog() {
    def log = new ListAppender<ILoggingEvent>()
    def ours = LoggerFactory.getLogger(TopicWatch) as Logger
    log.start()
    ours.addAppender(log)
    opened << ({ ours.detachAppender(log) } as AutoCloseable)
    log
  }

  private static boolean says(ListAppender<ILoggingEvent> log, String text) {
    new ArrayList<>(log.list).any { it.formattedMessage.contains(text) }
  }

  private static String said(running) {
    def status = running.pipeline().status()
    (status.warnings() + status.workers()*.trouble()).join(' ')
  }
}
