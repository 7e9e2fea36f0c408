package io.exactlyonce.engine.inflight

import groovy.transform.CompileStatic
import io.exactlyonce.config.PipelineConfig.Bounds
import io.exactlyonce.engine.Records
import io.exactlyonce.engine.handling.RetryTopics
import io.exactlyonce.engine.intake.BackPressure
import io.exactlyonce.engine.intake.RetryTopicGate
import io.exactlyonce.engine.intake.PromiseLimit
import io.exactlyonce.engine.intake.RateLimit
import io.exactlyonce.engine.intake.InFlightBudget
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

import static io.exactlyonce.engine.Records.chunk
import static io.exactlyonce.engine.Records.record

class PolledRecordsSpec extends Specification {

  def "a chunk's bytes are all that its records weigh: keys, values, headers and the objects around them"() {
    expect:
    new PolledRecords([record(0, 'key', 'value'), record(1, null, 'value'), record(2, 'key', null)]).bytes() == 16 + 3 * Sizes.RECORD
    new PolledRecords([record(0, 'k', 'v', ['head': 'x' * 1000, 'b': ''])]).bytes() == 2 + 1004 + 1 + Sizes.RECORD + 2 * Sizes.HEADER
  }

  def "polled records are weighed once on their way into a chunk: no header is looked at again"() {
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
    def room = new InFlightBudget(new Bounds(10, 1 << 20, 0, 0, 0), 1)
    def gate = new RetryTopicGate(null, new RetryTopics([], Records.NOON))

    when:
    def taken = new BackPressure(null, room, new RateLimit(0, 0), PromiseLimit.none(), null, Sizes::of).cut(new Track(new TopicPartition('in', 3)), [record])
    def chunk = gate.chunk(new Track(new TopicPartition('in', 3)), taken, 0)

    then:
    walks == 1
    chunk.bytes() == 2 + 2 + Sizes.RECORD + Sizes.HEADER
  }

  def "results come in any order, and what is not finished has none"() {
    given:
    def chunk = chunk('a', 'b', 'c')

    when:
    chunk.finish(2, RecordResult.SKIPPED)
    chunk.finish(0, RecordResult.DUPLICATE)

    then:
    [0, 1, 2].collect { chunk.result(it) } == [RecordResult.DUPLICATE, null, RecordResult.SKIPPED]
    !chunk.sent
  }

  def "a chunk is sent once all of its records are"() {
    given:
    def chunk = chunk('a', 'b')

    expect:
    [0, 1, 2].collect { chunk.@sent = it; chunk.isSent() } == [false, false, true]
  }

  def "what was sent is kept as its result alone, so that it can be sent again"() {
    given:
    def chunk = chunk(7, 'a', 'b', 'c')
    3.times { chunk.finish(it, RecordResult.SKIPPED) }

    when:
    2.times { chunk.postSend() }

    then:
    [chunk.record(0), chunk.record(1), chunk.record(2).offset()] == [null, null, 9]

    when:
    chunk.takeBack(8)

    then:
    chunk.@sent == 1
    chunk.result(1) == RecordResult.SKIPPED
    [chunk.offset(1), chunk.lastOffset()] == [8, 9]
  }

  def "who enters an open chunk may begin, and it runs until he is out"() {
    given:
    def chunk = chunk('a')

    expect:
    !chunk.running
    chunk.enter()
    chunk.running

    when:
    chunk.exit()

    then:
    !chunk.running
  }

  def "with two inside it runs until both are out"() {
    given:
    def chunk = chunk('a', 'b')

    when:
    2.times { chunk.enter() }
    chunk.exit()

    then:
    chunk.running
  }

  def "nobody begins in a chunk that was #how"() {
    given:
    def chunk = chunk('a')
    act(chunk)

    expect:
    !chunk.enter()
    !chunk.open
    chunk.dropped == dropped

    where:
    how       | act          || dropped
    'closed'  | { it.close() } || false
    'dropped' | { it.drop() }  || true
  }

  def "what a closed chunk has finished can still be sent"() {
    given:
    def chunk = chunk('a')
    chunk.enter()

    when:
    chunk.close()
    chunk.finish(0, RecordResult.SKIPPED)
    chunk.exit()

    then:
    chunk.result(0) == RecordResult.SKIPPED
    !chunk.dropped
  }

  def "a late result of a dropped chunk changes nothing of its track"() {
    given:
    def track = new Track(new TopicPartition('in', 3))
    track.rewind(0)
    def late = chunk('a')
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
  def "whoever comes first, either the handler finds the chunk closed or the worker finds it running"() {
    expect:
    ChunkRace.brokenRounds(100_000) == 0
  }

  /** Compiled, so that the two come close enough to each other. */
  @CompileStatic
  static class ChunkRace {

    /** In how many rounds a handler began in a chunk that the worker saw closed and at rest. */
    static int brokenRounds(int rounds) {
      PolledRecords[] chunks = new PolledRecords[rounds]
      Arrays.setAll(chunks, { int i -> new PolledRecords([]) } as IntFunction<PolledRecords>)
      boolean[] began = new boolean[rounds]
      boolean[] seen = new boolean[rounds]
      AtomicInteger handlerAt = new AtomicInteger()
      AtomicInteger workerAt = new AtomicInteger()
      Thread handler = new Thread({
        for (int i = 0; i < rounds; i++) {
          meet(handlerAt, workerAt, i)
          began[i] = chunks[i].enter()
        }
      })
      handler.start()
      for (int i = 0; i < rounds; i++) {
        meet(workerAt, handlerAt, i)
        chunks[i].close()
        seen[i] = chunks[i].isRunning()
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
