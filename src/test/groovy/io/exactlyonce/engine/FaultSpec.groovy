package io.exactlyonce.engine

import org.apache.kafka.clients.admin.NewPartitions
import spock.lang.Tag

import java.time.Duration

/**
 * Workers as processes of their own, on a broker and a Redis of this spec's own, broken on purpose
 * in the middle of transactions. After each: every event once, order per key kept, receipts joined.
 */
class FaultSpec extends OwnBackendsSpec {

  static final int RECORDS = 30_000
  /** Twice the default of stop-timeout: the machine may be busy. */
  static final Duration STOP = Duration.ofSeconds(40)
  static final List<String> PROTOCOLS = ['classic', 'consumer']

  def "killed -9 in the middle of transactions, again and again, under load (#protocol)"() {
    when:
    def worker = worker('a', 'group-protocol': protocol)
    pour(RECORDS)
    (1..(TORTURE ? 5 : 2)).each { round ->
      awaitCommitted(round * 4_000)
      worker.kill()
      worker = this.worker('a', 'group-protocol': protocol)
    }

    then:
    everyEventOnce()

    where:
    protocol << cases(['classic'], ['consumer'])
  }

  @Tag('long')
  def "F1: an instance is killed -9 and another takes its partitions over; then it comes back (#protocol)"() {
    when:
    def first = worker('a', 'group-protocol': protocol)
    worker('b', 'group-protocol': protocol)
    pour(RECORDS)
    awaitCommitted(8_000)
    first.kill()
    awaitCommitted(16_000)
    worker('a', 'group-protocol': protocol)

    then:
    everyEventOnce()

    where:
    protocol << PROTOCOLS
  }

  @Tag('long')
  def "F2: an instance stopped past its session is a zombie when it continues: nothing of it commits (#protocol)"() {
    when:
    def first = worker('a', 'group-protocol': protocol)
    pour(RECORDS)
    awaitCommitted(6_000)
    first.pause()
    worker('b', 'group-protocol': protocol)
    awaitCommitted(20_000)
    first.resume()

    then:
    everyEventOnce()
    first.alive

    where:
    protocol << PROTOCOLS
  }

  @Tag('long')
  def "F11: Redis is killed and comes back empty under load: the claims are rebuilt before work goes on"() {
    when:
    worker('a')
    worker('b')
    pour(RECORDS)
    (1..3).each { round ->
      awaitCommitted(round * 6_000)
      own.redis().restart()
    }

    then:
    everyEventOnce()
  }

  @Tag('long')
  def "F11: Redis is away for a while: the pipeline waits and goes on by itself"() {
    when:
    worker('a')
    pour(RECORDS)
    awaitCommitted(8_000)
    own.redis().pause()
    def standing = committed()
    own.redis().resume()

    then:
    everyEventOnce()
    standing < RECORDS
  }

  @Tag('long')
  def "scaled out and in under load (#protocol)"() {
    when:
    worker('a', 'group-protocol': protocol)
    pour(RECORDS)
    awaitCommitted(4_000)
    def second = worker('b', 'group-protocol': protocol)
    awaitCommitted(12_000)
    def third = worker('c', 'group-protocol': protocol)
    awaitCommitted(18_000)
    second.terminate(STOP)
    third.terminate(STOP)

    then:
    everyEventOnce()

    where:
    protocol << PROTOCOLS
  }

  @Tag('long')
  def "partitions that are added to the source while it runs are read from their beginning (#protocol)"() {
    when:
    ['a', 'b'].each { worker(it, 'group-protocol': protocol, 'consumer.metadata.max.age.ms': '1000') }
    pour(6_000)
    awaitCommitted(3_000)
    admin.createPartitions([(source): NewPartitions.increaseTo(5)]).all().get()
    kafka.awaitTopic(source, 5)
    pour(6_000, 5)

    then:
    everyEventOnce()
    committedOffsets().keySet() == (0..4).toSet()

    where:
    protocol << PROTOCOLS
  }

  @Tag('long')
  def "rolling restarts under load (#protocol, #membership)"() {
    given:
    def settings = ['group-protocol': protocol, membership: membership]
    def running = ['a', 'b', 'c'].collectEntries { [it, worker(settings, it)] }

    when:
    underLoad(2_000) {
      awaitShared(3)
      (0..<(TORTURE ? 20 : 2)).each { round ->
        def instance = 'abc'[round % 3]
        def before = memberId(instance)
        assert running[instance].terminate(STOP)
        running[instance] = worker(settings, instance)
        await(BOUND) { assert memberId(instance) && memberId(instance) != before }
        awaitShared(3)
      }
    }

    then:
    everyEventOnce()

    where:
    [protocol, membership] << cases([['classic', 'dynamic'], ['consumer', 'dynamic']], [['classic', 'static'], ['consumer', 'static']])
  }

  String memberId(String instance) {
    members().find { it.clientId() == "$name-$instance-0" }?.consumerId()
  }

  @Tag('long')
  def "a group goes from one protocol to the other by a rolling restart under load (#from to #to)"() {
    given:
    def running = ['a', 'b'].collectEntries { [it, worker(it, 'group-protocol': from)] }

    when:
    underLoad(2_000) {
      awaitShared(2)
      running.each { instance, child ->
        assert child.terminate(STOP)
        worker(instance, 'group-protocol': to)
        awaitShared(2)
      }
    }

    then:
    everyEventOnce()
    admin.describeConsumerGroups([name]).all().get()[name].type().toString().toLowerCase() == to

    where:
    from       | to
    'classic'  | 'consumer'
    'consumer' | 'classic'
  }
}
