package io.exactlyonce.engine.worker

import io.exactlyonce.engine.Records
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.inflight.Tracks
import io.exactlyonce.local.LogLines
import org.apache.kafka.common.TopicPartition
import spock.lang.AutoCleanup
import spock.lang.Specification

import java.time.Duration

/** How a worker's life reads where rebalances come in a storm, or partitions are many. */
class WorkerLogSpec extends Specification {

  @AutoCleanup
  LogLines seen = new LogLines(WorkerLog)
  def log = new WorkerLog('w-0')

  List<String> lines() {
    seen.texts().findAll { it.startsWith('w-0: ') }
  }

  List<TopicPartition> partitions(int number) {
    (0..<number).collect { new TopicPartition('in', it) }
  }

  Tracks tracks(int number, Closure<Boolean> isLocated) {
    def tracks = Records.tracks()
    partitions(number).each {
      def track = new Track(it)
      track.rewind(7)
      track.located(isLocated(it.partition()))
      tracks.put(track)
    }
    tracks
  }

  long at(String time) {
    Duration.parse("PT$time").toNanos()
  }

  def "of a storm the first five lines of a kind come at once, and the last of the others after a minute"() {
    given: 'a clock about to pass its greatest value'
    long start = Long.MAX_VALUE - at('20S')

    when:
    9.times { log.lost(partitions(it + 1), start + it) }
    log.revoked(partitions(1), 'all is committed', start - at('0.25S'), start)
    log.look(tracks(1) { true }, start + at('59.9S'))

    then: 'another kind is not held back'
    lines()*.replaceAll(/: this worker.*/, '') == (1..5).collect { "w-0: lost ${(0..<it).collect { "in-$it" }.join(', ')}" } +
        ['w-0: revoked in-0 in 250ms: all is committed']

    when:
    2.times { log.look(tracks(1) { true }, start + at('60S') + it) }

    then:
    lines().size() == 7
    lines().last().startsWith('w-0: lost in-0, in-1, in-2, in-3, in-4, in-5, in-6, in-7, in-8: ')
    lines().last().endsWith(' (the last of 4 that were held back within 60s)')

    when: 'a new period'
    log.lost(partitions(1), start + at('61S'))

    then:
    lines().size() == 8

    when: 'a line comes before anybody looks at what is held'
    5.times { log.lost(partitions(2), start + at('62S')) }
    log.lost(partitions(3), start + at('3M'))

    then:
    lines().size() == 14
    lines()[12].endsWith(' (the last of 1 that were held back within 60s)')
    lines()[13].startsWith('w-0: lost in-0, in-1, in-2: ')
  }

  def "what a storm has held back is written when the worker ends"() {
    when:
    6.times { log.lost(partitions(it + 1), 0) }
    2.times { log.end() }

    then:
    lines().size() == 6
    lines().last().startsWith('w-0: lost in-0, in-1, in-2, in-3, in-4, in-5: ')
  }

  def "a line names twenty partitions, in order, and the number of the others"() {
    given:
    def tracks = tracks(number) { true }

    when:
    log.assigned(partitions(number).shuffled(new Random(1)), 0)
    2.times { log.look(tracks, at('1S') + it) }

    then:
    lines() == ["w-0: assigned ${(0..<named).collect { "in-$it@7" }.join(', ')}$others in 1s".toString()]

    where:
    number || named | others
    2      || 2     | ''
    20     || 20    | ''
    21     || 20    | ' and 1 more'
    200    || 20    | ' and 180 more'
  }

  def "an assignment is told when all its positions are known, or after ten seconds"() {
    given:
    def known = [0] as Set
    def tracks = tracks(3) { it in known }

    when: 'one of the three is taken away again'
    log.assigned(partitions(2), 0)
    log.assigned([partitions(3).last()], at('1S'))
    tracks.remove([partitions(3).last()])
    log.look(tracks, at('9.9S'))

    then:
    lines() == []

    when: 'the other is read on meanwhile'
    tracks.get(partitions(1)[0]).rewind(9)
    if (isKnown) tracks.get(partitions(2)[1]).located(true)
    log.look(tracks, at(looked))

    then:
    lines() == ["w-0: $says".toString()]

    where:
    isKnown | looked || says
    true    | '9.9S' || 'assigned in-0@7, in-1@7 in 9900ms'
    false   | '10S'  || 'assigned in-0@7, in-1 (its position is not known yet) in 10s'
  }

  def "how often it tried, and how it ended"() {
    when:
    log.recovered(new Recovery.Ended('ABORT_AND_REWIND after SEND: away', 1, 5), at('2S') + 5)
    log.recovered(new Recovery.Ended('REBUILD_PRODUCERS after COMMIT: away', 3, 5), at('0.5S') + 5)
    log.stopped(true, 5, at('1S') + 5)
    log.stopped(false, 5, at('10S') + 5)

    then:
    lines() == ['w-0: recovered in 2s by 1 attempt, after ABORT_AND_REWIND after SEND: away',
                'w-0: recovered in 500ms by 3 attempts, after REBUILD_PRODUCERS after COMMIT: away',
                'w-0: stopped clean in 1s',
                'w-0: stopped in 10s: not all that its handlers had begun is committed']
  }
}
