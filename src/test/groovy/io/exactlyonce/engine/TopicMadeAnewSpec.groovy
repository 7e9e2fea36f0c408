package io.exactlyonce.engine

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean

/** A topic is its id: one that is deleted and made anew under its name begins at its beginning. */
class TopicMadeAnewSpec extends TopicMadeAnew {

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
    await(BOUND) { assert visible().size() >= 9 }

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
    await(BOUND) { assert visible().size() > 200 }

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
    await(BOUND) { assert committed()[new TopicPartition(source, 0)] == null }
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

  @Tag('long')
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

  @Tag('long')
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
    await(BOUND) { assert said(running).contains("$source does not exist any more") }
    def next = 0
    def began = System.nanoTime()
    await(BOUND) {
      produce([new ProducerRecord<byte[], byte[]>(other, 0, null, "other${next++}".bytes)])
      assert visible().count { it.startsWith('other') } > 0
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
    await(BOUND) { assert running.pipeline().status().ready }
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
    await(BOUND) { assert seen('last') == ['last'] }
    seen('new').unique() == all('new', 40)

    and: 'at-least-once may send twice what it read at the old offset before its commit told'
    delivery == 'at-least-once' || seen('new').size() == 40

    where:
    delivery << ['at-least-once', 'at-most-once']
  }
}
