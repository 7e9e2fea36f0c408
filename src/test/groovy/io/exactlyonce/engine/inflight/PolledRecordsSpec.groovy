package io.exactlyonce.engine.inflight

import groovy.transform.CompileStatic
import io.exactlyonce.config.PipelineConfig.Bounds
import io.exactlyonce.engine.Records
import io.exactlyonce.engine.handling.RetryTopics
import io.exactlyonce.engine.intake.BackPressure
import io.exactlyonce.engine.intake.InFlightBudget
import io.exactlyonce.engine.intake.PromiseLimit
import io.exactlyonce.engine.intake.RateLimit
import io.exactlyonce.engine.spi.Sizes
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.header.Header
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.record.TimestampType
import spock.lang.Specification
import spock.lang.Timeout

import java.util.concurrent.atomic.AtomicInteger
import java.util.function.IntFunction

import static io.exactlyonce.engine.Records.polled
import static io.exactlyonce.engine.Records.polledOf
import static io.exactlyonce.engine.Records.record

class PolledRecordsSpec extends Specification {

  def "the bytes of polled records are all that they weigh: keys, values, headers and the objects around them"() {
    expect:
    polledOf([record(0, 'key', 'value'), record(1, null, 'value'), record(2, 'key', null)]).bytes() == 16 + 3 * Sizes.RECORD
    polledOf([record(0, 'k', 'v', ['head': 'x' * 1000, 'b': ''])]).bytes() == 2 + 1004 + 1 + Sizes.RECORD + 2 * Sizes.HEADER
  }

  def "polled records are weighed once on their way in: no header is looked at again"() {
    given:
    int walks = 0
    def headers = new RecordHeaders([new RecordHeader('h', 'x'.bytes)]) {
      @Override
      Iterator<Header> iterator() {
        walks++
        super.iterator()
      }
    }
    def record = new ConsumerRecord<byte[], byte[]>('in', 3, 0L, 0L, TimestampType.CREATE_TIME, 1, 1, 'k'.bytes, 'v'.bytes, headers, Optional.empty())
    def budget = new InFlightBudget(new Bounds(10, 1 << 20, 0, 0, 0), 1)

    when:
    def polled = new BackPressure(null, budget, new RateLimit(0, 0), PromiseLimit.none(), RetryTopics.none(), Sizes::of).take(new Track(new TopicPartition('in', 3)), [record], 0)

    then:
    walks == 1
    polled.bytes() == 2 + 2 + Sizes.RECORD + Sizes.HEADER
  }

  def "results come in any order, and what is not finished has none"() {
    given:
    def polled = polled('a', 'b', 'c')

    when:
    polled.finish(2, RecordResult.SKIPPED)
    polled.finish(0, RecordResult.DUPLICATE)

    then:
    [0, 1, 2].collect { polled.result(it) } == [RecordResult.DUPLICATE, null, RecordResult.SKIPPED]
    !polled.sent
  }

  def "they are sent once each of them is"() {
    given:
    def polled = polled('a', 'b')

    expect:
    [0, 1, 2].collect { polled.@sent = it; polled.isSent() } == [false, false, true]
  }

  def "what was sent is kept as its result alone, so that it can be sent again"() {
    given:
    def polled = polled(7, 'a', 'b', 'c')
    3.times { polled.finish(it, RecordResult.SKIPPED) }

    when:
    2.times { polled.postSend() }

    then:
    [polled.unsent(0), polled.unsent(1), polled.unsent(2).offset()] == [null, null, 9]

    when:
    polled.takeBack(8)

    then:
    polled.@sent == 1
    polled.result(1) == RecordResult.SKIPPED
    [polled.offset(1), polled.lastOffset()] == [8, 9]
  }

  def "who enters open records may begin, and it runs until he is out"() {
    given:
    def polled = polled('a')

    expect:
    !polled.running
    polled.enter()
    polled.running

    when:
    polled.exit()

    then:
    !polled.running
  }

  def "with two inside it runs until both are out"() {
    given:
    def polled = polled('a', 'b')

    when:
    2.times { polled.enter() }
    polled.exit()

    then:
    polled.running
  }

  def "nobody begins in records that were #how"() {
    given:
    def polled = polled('a')
    act(polled)

    expect:
    !polled.enter()
    !polled.open
    polled.dropped == dropped

    where:
    how       | act          || dropped
    'closed'  | { it.close() } || false
    'dropped' | { it.drop() }  || true
  }

  def "what was finished before they were closed can still be sent"() {
    given:
    def polled = polled('a')
    polled.enter()

    when:
    polled.close()
    polled.finish(0, RecordResult.SKIPPED)
    polled.exit()

    then:
    polled.result(0) == RecordResult.SKIPPED
    !polled.dropped
  }

  def "a late result of dropped records changes nothing of their track"() {
    given:
    def track = new Track(new TopicPartition('in', 3))
    track.rewind(0)
    def late = polled('a')
    track.append(late)
    late.enter()

    when:
    track.rewind(0)
    late.finish(0, RecordResult.SKIPPED)
    late.exit()

    then:
    late.dropped
    !track.hasUnsent()
    track.sent() == 0
  }

  @Timeout(60)
  def "whoever comes first, either the handler finds the records closed or the worker finds it running"() {
    expect:
    PolledRecordsRace.brokenRounds(100_000) == 0
  }

  /** Compiled, so that the two come close enough to each other. */
  @CompileStatic
  static class PolledRecordsRace {

    /** In how many rounds a handler began in records that the worker saw closed and at rest. */
    static int brokenRounds(int rounds) {
      PolledRecords[] polls = new PolledRecords[rounds]
      Arrays.setAll(polls, { int i -> polledOf([]) } as IntFunction<PolledRecords>)
      boolean[] began = new boolean[rounds]
      boolean[] seen = new boolean[rounds]
      AtomicInteger handlerAt = new AtomicInteger()
      AtomicInteger workerAt = new AtomicInteger()
      Thread handler = new Thread({
        for (int i = 0; i < rounds; i++) {
          meet(handlerAt, workerAt, i)
          began[i] = polls[i].enter()
        }
      })
      handler.start()
      for (int i = 0; i < rounds; i++) {
        meet(workerAt, handlerAt, i)
        polls[i].close()
        seen[i] = polls[i].isRunning()
      }
      handler.join()
      int broken = 0
      for (int i = 0; i < rounds; i++) {
        broken += began[i] && !seen[i] ? 1 : 0
      }
      broken
    }

    private static void meet(AtomicInteger mine, AtomicInteger others, int round) {
      mine.set(round + 1)
      while (others.get() <= round) {
        Thread.yield()
      }
    }
  }
}
