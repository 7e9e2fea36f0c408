package io.exactlyonce.engine.inflight

import io.exactlyonce.engine.Records
import io.exactlyonce.engine.spi.Sizes
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import spock.lang.Specification

import static io.exactlyonce.engine.Records.polled

class TrackSpec extends Specification {

  def track = new Track(new TopicPartition('in', 3))

  def setup() {
    track.rewind(10)
  }

  static OffsetAndMetadata next(long offset, Integer epoch = null) {
    new OffsetAndMetadata(offset, Optional.ofNullable(epoch), '')
  }

  def "a new track does not know where it stands"() {
    expect:
    with(new Track(new TopicPartition('in', 3))) {
      [committed(), sent(), read()] == [Track.UNKNOWN] * 3
      topicId() == Uuid.ZERO_UUID
    }
  }

  def "while anything is in flight the prefix ends where the last sent record does"() {
    when:
    track.append(polled(10, 'a', 'b'))
    track.readTo(next(12))

    then:
    track.prefixEnd() == 10
    track.hasUnsent()

    when:
    track.sentTo(11)

    then:
    track.prefixEnd() == 11
  }

  def "with nothing in flight the prefix ends past the markers that were read"() {
    given:
    track.append(polled(10, 'a'))
    track.readTo(next(11))
    track.sentTo(11)
    track.removeFirst()

    when:
    track.readTo(next(13))

    then:
    track.prefixEnd() == 13
    track.sent() == 11
    !track.hasUnsent()
  }

  def "what was read never goes back by a poll"() {
    when:
    track.readTo(next(13))
    track.readTo(next(12))

    then:
    track.read() == 13
  }

  def "a rewind drops what is in flight and goes on from the position"() {
    given:
    def polls = [polled(10, 'a'), polled(11, 'b', 'c')]
    polls.each { track.append(it) }
    track.readTo(next(13, 7))
    track.sentTo(11)

    when:
    track.rewind(10)

    then:
    polls.every { it.dropped && !it.open }
    !track.hasUnsent()
    [track.committed(), track.sent(), track.read(), track.prefixEnd()] == [10, 10, 10, 10]
    !track.holdsMoreThan(0, 0)
    track.offset(10) == next(10)
  }

  def "offsets carry the leader epoch of the last poll"() {
    when:
    track.readTo(next(11, 4))

    then:
    track.offset(11) == next(11, 4)
  }

  def "it holds the records and bytes of what is polled and unsent"() {
    when: 'keys of one byte, values of one and of three bytes'
    track.append(polled(10, 'a', 'b'))
    track.append(polled(12, 'ccc'))

    then:
    track.holdsMoreThan(2, 100_000)
    !track.holdsMoreThan(3, 8 + 3 * Sizes.RECORD)
    track.holdsMoreThan(3, 7 + 3 * Sizes.RECORD)

    when:
    track.removeFirst()

    then:
    !track.holdsMoreThan(1, 4 + Sizes.RECORD)
    track.holdsMoreThan(0, 100_000)
    track.holdsMoreThan(1000, 3 + Sizes.RECORD)

    when: 'a handler has made something of it'
    track.unsent[0].finish(0, new RecordResult(RecordResult.Kind.PROCESSED, [new ProducerRecord('out', new byte[500])], track.partition, 12))

    then: 'that waits with it'
    track.unsentBytes() == 4 + 500 + 2 * Sizes.RECORD
  }

  def "tracks know which of them have records or markers to send, and forget what was removed"() {
    given:
    def tracks = Records.tracks()
    tracks.put(track)

    expect:
    !tracks.hasUnsent()
    !tracks.hasUnsentMarkers()

    when:
    track.readTo(next(12))

    then:
    tracks.hasUnsentMarkers()

    when:
    def inFlight = polled(12, 'a')
    track.append(inFlight)

    then:
    tracks.hasUnsent()
    !tracks.hasUnsentMarkers()

    when:
    tracks.remove([track.partition, new TopicPartition('unknown', 0)])

    then:
    inFlight.dropped
    tracks.count() == 0
    tracks.get(track.partition) == null
  }

  def "handling is closed, and waited for, per partition"() {
    given:
    def tracks = Records.tracks()
    def other = new Track(new TopicPartition('in', 4))
    [track, other].each { tracks.put(it) }
    def mine = polled(10, 'a')
    def others = polled(10, 'b')
    track.append(mine)
    other.append(others)
    [mine, others].each { it.enter() }

    when:
    tracks.closeHandling([track.partition])

    then:
    !mine.open
    others.open
    tracks.isHandling([track.partition])

    when:
    mine.exit()

    then:
    !tracks.isHandling([track.partition])
    tracks.isHandling([track.partition, other.partition])
  }

  def "what was sent since the last commit can be taken back, as far as that goes"() {
    given: 'a poll that is committed, one that is so in part, one that was sent, and one that was begun'
    def polls = [polled(10, 'a', 'b'), polled(12, 'c', 'd'), polled(14, 'e'), polled(15, 'f', 'g')]
    polls.each { track.append(it) }
    polls[0..2].each { it.@sent = it.size(); track.removeFirst() }
    polls[3].@sent = 1
    track.sentTo(16)
    track.committedTo(13)

    expect:
    !track.holdsMoreThan(2, 100_000)

    when:
    track.takeBack()

    then: 'what it holds counts again'
    track.unsent as List == polls[1..3]
    polls*.@sent == [2, 1, 0, 0]
    [track.committed(), track.sent(), track.firstUnsent()] == [13, 13, 13]
    track.holdsMoreThan(4, 100_000)
    !track.holdsMoreThan(5, 100_000)

    when: 'the partition is gone'
    track.rewind(13)
    track.takeBack()

    then:
    track.unsent.empty
  }
}
