package io.exactlyonce.engine

import io.exactlyonce.handler.Handler
import io.exactlyonce.wiring.TestPipeline
import spock.lang.Tag

import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue

/** In each build, by the order of things and not by the clock; {@link FailingThroughputFigures} measures. */
class FailingHeadsSpec extends FailingThroughput {

  static final int GOOD = 18_000

  @Tag('long')
  def "behind a refused record and one retried three times at the head of each of 12 partitions, all others are handled meanwhile"() {
    given:
    def from = "$name-heads".toString()
    createTopic(from, PARTITIONS)
    def heads = (0..<PARTITIONS).collectMany { [event(from, it, 'no', it), event(from, it, 'bad', it)] }
    produce(heads + (0..<GOOD).collect { event(from, it % PARTITIONS, 'v', it) })
    def calls = new ConcurrentLinkedQueue<String>()
    def failing = new FailingHandler(sink, Duration.ZERO)
    Handler<String> noting = { event -> calls << event.value(); failing.handle(event) } as Handler<String>

    when: 'waits that take far longer than all the others do'
    def settings = [source: from, sinks: sink, ordering: 'key', concurrency: '4', 'in-flight-records': '40000',
                    'retry.attempts': '4', 'retry.backoff': '4s', 'retry.max-backoff': '4s']
    def running = TestPipeline.start(name, settings, noting, bootstrapServers, redisUri)
    opened << running
    def counters = running.pipeline().counters()
    await(BOUND) { assert counters.processed.sum() == GOOD + PARTITIONS && counters.deadLetters.sum() == PARTITIONS }

    then: 'the last of the others was handled before any of the heads was through'
    def order = calls as List
    def lastGood = order.findLastIndexOf { it.startsWith('v') }
    def tries = [:].withDefault { 0 }
    def firstThrough = order.findIndexOf { it.startsWith('bad') && ++tries[it] == 4 }
    lastGood < firstThrough

    and: 'each good one once'
    order.count { it.startsWith('v') } == GOOD
    readCommitted(sink).size() == GOOD + PARTITIONS
  }
}
