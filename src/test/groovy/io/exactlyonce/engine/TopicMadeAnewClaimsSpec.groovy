package io.exactlyonce.engine

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.LocalRedis
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Tag

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch

/** Claims of a topic that is gone drop no event of the one that was made anew under its name. */
class TopicMadeAnewClaimsSpec extends TopicMadeAnew {

  @Tag('long')
  def "made anew and loaded with the same events while some are in hand: each is processed once"() {
    given: 'the fifth is being handled, some behind it are claimed'
    def gate = new CountDownLatch(1)
    run(['in-flight-records': '8'], stuckAtV4(gate))
    produce(sameEvents())
    await(BOUND) { assert visible().size() >= 4 }

    when:
    remake(source)
    produce(sameEvents())
    gate.countDown()
    awaitRead(0, 20)

    then:
    visible() == all('v', 20)
    def audit = guarantees.audit()
    audit.findings() == []
    audit.notes().any { it.startsWith("a worker found that the topic of $source-0@0 was recreated: its id is ") }
  }

  @Tag('long')
  def "made anew with the same events, stopped #stopped that with some in hand, #next goes on: each once"() {
    given:
    def first = run(['in-flight-records': '8', 'drain-timeout': '100ms', 'instance-id': 'a'], stuckAtV4(new CountDownLatch(1)))
    produce(sameEvents())
    await(BOUND) { assert visible().size() >= 4 }

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
    await(BOUND) { assert visible().size() >= 4 }
    first.close()

    when:
    remake(source)
    run('instance-id': 'b')
    await(BOUND) { assert notices().size() == 3 }
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
    await(BOUND) { assert visible().size() >= 4 }
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
    await(BOUND) { assert !calls.empty }
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
    await(BOUND) { assert visible().size() >= 4 }

    when:
    redis.pause()
    remake(source)
    gate.countDown()
    await(BOUND) { assert said(running).contains('claims of a deleted topic are not released') }
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
}
