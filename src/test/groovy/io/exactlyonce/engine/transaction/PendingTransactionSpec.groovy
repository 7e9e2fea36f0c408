package io.exactlyonce.engine.transaction

import io.exactlyonce.engine.Records
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.receipt.Receipt
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import spock.lang.Specification

class PendingTransactionSpec extends Specification {

  /** Whole, as a member has it: generation and member id are what fences; the id of the group alone fences nobody. */
  static final GROUP = new ConsumerGroupMetadata('g', 5, 'member', Optional.empty())
  static final TOPIC = Uuid.randomUuid()

  def transaction = new PendingTransaction()
  def first = track(0, 100)
  def second = track(1, 7)

  static Track track(int partition, long at) {
    def track = new Track(new TopicPartition('in', partition))
    track.topicId(TOPIC)
    track.rewind(at)
    track
  }

  static RecordResult of(RecordResult.Kind kind) {
    new RecordResult(kind, [], null, 0)
  }

  /** As the worker does it: the batch first, then the track moves. */
  void send(Track track, long offset, RecordResult.Kind kind) {
    transaction.add(track, offset, of(kind))
    track.sentTo(offset + 1)
  }

  def "a batch is empty until a record joins"() {
    expect:
    transaction.empty

    when:
    send(first, 100, RecordResult.Kind.SKIPPED)

    then:
    !transaction.empty
    transaction.records() == 1
  }

  def "the seal has a span per partition, from where it stood to where it stands, in the order of the first sends"() {
    when:
    send(second, 7, RecordResult.Kind.PROCESSED)
    send(first, 100, RecordResult.Kind.PROCESSED)
    send(first, 101, RecordResult.Kind.SKIPPED)
    send(first, 103, RecordResult.Kind.DUPLICATE)
    send(second, 9, RecordResult.Kind.DEAD_LETTER)
    send(first, 104, RecordResult.Kind.DUPLICATE)
    send(first, 105, RecordResult.Kind.PROCESSED)
    def sealed = transaction.seal(GROUP, '')

    then:
    sealed.spans() == [
        new Receipt.Span('in', TOPIC, 1, 7, 10, new Receipt.Outcomes(1, 0, [], [9L]), new Receipt.Sums(0, 0)),
        new Receipt.Span('in', TOPIC, 0, 100, 106, new Receipt.Outcomes(2, 1, [103L, 104L], []), new Receipt.Sums(0, 0))]
    sealed.offsets() == [
        (second.partition): second.offset(10), (first.partition): first.offset(106)]
    sealed.group().is(GROUP)
    sealed.outputs().isEmpty()
  }

  def "the receipt carries the generation of claims that was adopted"() {
    when:
    send(first, 100, RecordResult.Kind.PROCESSED)

    then:
    transaction.seal(GROUP, '3-5f0c').receipt('w', 'x', 1).generation() == '3-5f0c'
  }

  def "spans of consecutive batches join end to end, over gaps in the offsets too"() {
    when:
    send(first, 100, RecordResult.Kind.PROCESSED)
    def one = transaction.seal(GROUP, '')
    transaction = new PendingTransaction()
    send(first, 140, RecordResult.Kind.PROCESSED)
    def two = transaction.seal(GROUP, '')

    then:
    one.spans()[0].to() == two.spans()[0].from()
    two.spans()[0].to() == 141
  }

  def "markers are skipped where nothing is in flight, and make a span of their own if need be"() {
    given:
    first.readTo(new OffsetAndMetadata(103))
    second.readTo(new OffsetAndMetadata(8))
    second.append(Records.polled(7, 'a'))

    when:
    [first, second].each { transaction.maybeSkipMarkers(it) }
    def sealed = transaction.seal(GROUP, '')

    then:
    first.sent() == 103
    second.sent() == 7
    sealed.spans() == [new Receipt.Span('in', TOPIC, 0, 100, 103)]
    sealed.offsets().keySet() == [first.partition] as Set
  }

  def "markers behind the last record belong to its span"() {
    given:
    send(first, 100, RecordResult.Kind.PROCESSED)
    first.readTo(new OffsetAndMetadata(102))

    when:
    transaction.maybeSkipMarkers(first)

    then:
    with(transaction.seal(GROUP, '').spans()) {
      size() == 1
      it[0].from() == 100
      it[0].to() == 102
      it[0].processed() == 1
    }
  }

  def "outputs are counted per topic in whatever order the topics come: #topics"() {
    when:
    topics.each { transaction.addOutput(it) }

    then:
    transaction.seal(GROUP, '').outputs() == topics.countBy { it }

    where:
    topics << [[], ['a'], ['a', 'a', 'a'], ['a', 'b', 'a', 'b'], ['b', 'b', 'a', 'c', 'a', 'a', 'b']]
  }

  def "a topic's name counts, not which object it is"() {
    when:
    ['a', new String('a'), new StringBuilder('a').toString()].each { transaction.addOutput(it) }

    then:
    transaction.seal(GROUP, '').outputs() == [a: 3]
  }
}
