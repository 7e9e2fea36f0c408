package io.exactlyonce.engine.intake

import io.exactlyonce.config.value.OnGuardFailure
import io.exactlyonce.engine.Records
import io.exactlyonce.engine.inflight.Signal
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.status.PipelineCounters
import io.exactlyonce.guard.ClaimBatch
import io.exactlyonce.guard.Guard
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.TopicPartition
import spock.lang.Specification

import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** The calls that a queue of claims times; the store's answers are the spec's. */
class ClaimQueueSpec extends Specification {

  /** What the next calls are answered with. */
  List<CompletableFuture<BitSet>> answers = []
  Guard guard = new Guard() {
    @Override
    CompletableFuture<BitSet> claim(ClaimBatch batch) {
      answers.remove(0)
    }

    @Override
    void close() {}
  }

  PipelineCounters counters = new PipelineCounters()
  ClaimQueue queue = new ClaimQueue(guard, new TopicCheck('g', null, new Signal()), OnGuardFailure.WAIT, new Signal(), counters)
  long now = System.nanoTime()
  int dispatched

  void add(int claims) {
    def poll = new WaitingPoll()
    poll.tracks << new Track(new TopicPartition('orders', 0))
    poll.polled << Records.polledOf([new ConsumerRecord<byte[], byte[]>('orders', 0, 0, null, null)])
    claims.times { poll.claims.add(new byte[1], new byte[1]) }
    queue.add(poll)
  }

  void turn() {
    queue.admit(now) { poll, duplicates -> dispatched++ }
  }

  long timed() {
    counters.claimTimes.snapshot().count()
  }

  static <T> CompletableFuture<T> failed() {
    CompletableFuture.failedFuture(new IllegalStateException('the store is away'))
  }

  def "a call is timed that was answered before it returned: the fastest ones are not left out"() {
    given:
    answers << CompletableFuture.completedFuture(new BitSet())
    add(1)

    when:
    turn()

    then:
    dispatched == 1
    timed() == 1
  }

  def "a call that is answered later is timed once, by its answer"() {
    given:
    def answer = new CompletableFuture<BitSet>()
    answers << answer
    add(1)

    when:
    turn()

    then:
    timed() == 0

    when:
    answer.complete(new BitSet())
    turn()

    then:
    dispatched == 1
    timed() == 1
  }

  def "a call that fails at once is timed, and so is the one that repeats it"() {
    given:
    answers << failed() << CompletableFuture.completedFuture(new BitSet())
    add(1)

    when:
    turn()

    then:
    dispatched == 0
    timed() == 1

    when:
    now += TimeUnit.SECONDS.toNanos(1)
    turn()

    then:
    dispatched == 1
    timed() == 2
  }

  def "what claims nothing is no call"() {
    given:
    answers << CompletableFuture.completedFuture(new BitSet())
    add(0)

    when:
    turn()

    then:
    dispatched == 1
    timed() == 0
  }
}
