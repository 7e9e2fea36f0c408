package io.exactlyonce.engine.intake

import io.exactlyonce.config.value.OnGuardFailure
import io.exactlyonce.engine.Records
import io.exactlyonce.engine.failure.Reaction
import io.exactlyonce.engine.failure.TransactionFailure
import io.exactlyonce.engine.inflight.Signal
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.status.PipelineCounters
import io.exactlyonce.engine.topic.SameTopics
import io.exactlyonce.guard.ClaimBatch
import io.exactlyonce.guard.Guard
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.errors.TimeoutException
import org.apache.kafka.common.errors.TopicAuthorizationException
import org.apache.kafka.common.errors.UnknownTopicIdException
import spock.lang.Specification

import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** Whether topics are the same is known before any record is claimed; the broker's answers are the spec's. */
class TopicCheckSpec extends Specification {

  static final Uuid ID = Uuid.randomUuid()

  /** What was asked, with the answers that are still out. */
  List<Collection<Uuid>> asked = []
  List<CompletableFuture<Void>> answers = []
  SameTopics broker = { ids ->
    asked << ids
    answers << new CompletableFuture<Void>()
    answers.last()
  }

  /** Claims that were made, by how many a call. */
  List<Integer> claimed = []
  Guard guard = new Guard() {
    @Override
    CompletableFuture<BitSet> claim(ClaimBatch batch) {
      claimed << batch.size()
      CompletableFuture.completedFuture(new BitSet())
    }

    @Override
    void close() {}
  }

  PipelineCounters counters = new PipelineCounters()
  TopicCheck check = new TopicCheck('g', broker, new Signal())
  ClaimQueue queue = new ClaimQueue(guard, check, OnGuardFailure.BYPASS, new Signal(), counters)
  long now = System.nanoTime() + TimeUnit.SECONDS.toNanos(1)
  List<WaitingPoll> dispatched = []

  WaitingPoll poll(int records, Uuid id = ID, String topic = 'orders') {
    def poll = new WaitingPoll()
    def polled = Records.polledOf((0..<records).collect { new ConsumerRecord<byte[], byte[]>(topic, 0, it, null, null) })
    polled.topicId = id
    poll.tracks << new Track(new TopicPartition(topic, 0))
    poll.polled << polled
    records.times { poll.claims.add(new byte[1], new byte[1]) }
    poll
  }

  void turn() {
    queue.admit(now) { poll, duplicates -> dispatched << poll }
  }

  def "nothing is claimed before the broker says that topics are the same, then all in order"() {
    given:
    def polls = [poll(3), poll(5)]

    when:
    polls.each { queue.add(it) }
    turn()

    then:
    asked == [[ID] as Set]
    claimed == []

    when:
    answers[0].complete(null)
    turn()

    then:
    claimed == [3, 5]
    dispatched == polls
  }

  def "what is polled while the broker is asked is asked for next: an answer says nothing of later polls"() {
    given:
    def other = Uuid.randomUuid()
    queue.add(poll(3))
    turn()
    queue.add(poll(5, other))
    now += TopicCheck.MAX_GAP_NANOS

    when:
    turn()
    answers[0].complete(null)
    turn()

    then:
    claimed == [3]
    asked == [[ID] as Set, [other] as Set]

    when:
    answers[1].complete(null)
    turn()

    then:
    claimed == [3, 5]
  }

  def "of a topic that is gone nothing is claimed: the worker goes back"() {
    given:
    queue.add(poll(3))
    turn()

    when:
    answers[0].completeExceptionally(new UnknownTopicIdException('gone'))
    turn()

    then:
    def failure = thrown(TransactionFailure)
    failure.reaction() == Reaction.ABORT_AND_REWIND
    claimed == []
  }

  def "a broker that refuses stops the worker"() {
    given:
    queue.add(poll(3))
    turn()

    when:
    answers[0].completeExceptionally(new TopicAuthorizationException('orders'))
    turn()

    then:
    def failure = thrown(TransactionFailure)
    failure.reaction() == Reaction.STOP
  }

  def "an answer that does not come is Kafka's trouble and no reason for a bypass; it is asked again"() {
    given:
    def polls = [poll(3), poll(5, Uuid.randomUuid(), 'returns')]
    polls.each { queue.add(it) }
    turn()

    when:
    answers[0].completeExceptionally(new TimeoutException('no answer in 9 s'))
    turn()

    then:
    check.trouble().contains('Kafka has not confirmed the ids of the topics [orders, returns]: ')
    check.trouble().contains('no answer in 9 s')
    queue.trouble() == check.trouble()
    counters.claimFailures.sum() == 0
    counters.unguarded.sum() == 0
    dispatched == []

    when: 'not at once'
    turn()

    then:
    asked.size() == 1

    when:
    now += TimeUnit.MILLISECONDS.toNanos(51)
    turn()
    answers[1].complete(null)
    turn()

    then:
    check.trouble() == ''
    claimed == [3, 5]
    dispatched == polls
  }

  def "after a rewind an answer to polls before it means nothing"() {
    given:
    queue.add(poll(3))
    turn()

    when:
    queue.clear()
    queue.add(poll(5))
    answers[0].complete(null)
    now += TopicCheck.MAX_GAP_NANOS
    turn()

    then:
    claimed == []
    asked.size() == 2
  }

  def "polls of #records records each 2 ms are asked for #requests times in 100"() {
    when:
    100.times {
      queue.add(poll(records))
      turn()
      answers.last().complete(null)
      turn()
      now += TimeUnit.MILLISECONDS.toNanos(2)
    }

    then:
    asked.size() in requests
    claimed.sum() >= records * 94

    where:
    records || requests
    1       || 100..100
    4       || 100..100
    90      || 100..100
    200     || 20..52
    500     || 18..22
    2000    || 18..22
  }

  def "a request that takes long is under way for half of the time at most"() {
    when: 'each takes 3 ms'
    long since = now
    1000.times {
      queue.add(poll(1))
      int before = asked.size()
      turn()
      since = asked.size() > before ? now : since
      if (now - since >= TimeUnit.MILLISECONDS.toNanos(3)) {
        answers.last().complete(null)
        turn()
      }
      now += TimeUnit.MILLISECONDS.toNanos(1)
    }

    then:
    asked.size() in 140..175
  }
}
