package io.exactlyonce.engine.inflight

import io.exactlyonce.engine.Records
import io.exactlyonce.engine.status.OldestRecord
import org.apache.kafka.common.TopicPartition
import spock.lang.Specification

import static io.exactlyonce.engine.Records.polled

class TracksSpec extends Specification {

  def track = new Track(new TopicPartition('in', 3))
  def tracks = Records.tracks()

  def setup() {
    track.rewind(10)
    tracks.put(track)
    tracks.put(new Track(new TopicPartition('in', 4)))
  }

  def "the oldest unsent record is the first of which nothing was sent, and of an empty track there is none"() {
    given:
    def polled = polled(10, 'a', 'b')

    when:
    track.append(polled)

    then:
    tracks.oldestUnsent() == [new OldestRecord(track.partition, 10, polled.record(0).timestamp())]

    when:
    polled.postSend()

    then:
    tracks.oldestUnsent() == [new OldestRecord(track.partition, 11, polled.record(1).timestamp())]
  }

  def "a record that is to be sent once more is not kept, so nothing is said of its partition"() {
    given:
    def polled = polled(10, 'a', 'b')
    track.append(polled)
    polled.postSend()

    when:
    track.takeBack()

    then:
    tracks.oldestUnsent() == []
  }
}
