package io.exactlyonce.engine.intake

import io.exactlyonce.config.PipelineConfig.Bounds
import io.exactlyonce.engine.Records
import io.exactlyonce.engine.inflight.Track
import io.exactlyonce.engine.inflight.Tracks
import io.exactlyonce.engine.spi.Sizes
import org.apache.kafka.common.TopicPartition
import spock.lang.Specification
import spock.lang.Tag

import java.util.concurrent.TimeUnit

import static io.exactlyonce.engine.Records.polled
import static io.exactlyonce.engine.Records.record

class InFlightBudgetSpec extends Specification {

  static final long HALF_SECOND = TimeUnit.MILLISECONDS.toNanos(500)
  static final long MANY_BYTES = 1L << 40

  /** What a record of one byte of key and one of value weighs. */
  static final int WEIGHT = Sizes.RECORD + 2

  Tracks tracks = Records.tracks()

  Track track(int partition) {
    def track = new Track(new TopicPartition('in', partition))
    track.rewind(0)
    tracks.put(track)
    track
  }

  /** Its records weigh WEIGHT each. */
  static void holds(Track track, int records) {
    track.append(polled(0, (['v'] * records) as String[]))
  }

  /** The sizes of what a poll brought. */
  static long[] sizes(int records, int bytes = 1) {
    (0..<records).collect { Sizes.of(record(it, 'k', 'v' * bytes)) } as long[]
  }

  static InFlightBudget budget(int records, int poll, Map more = [:]) {
    new InFlightBudget(new Bounds(records, (more.bytes ?: MANY_BYTES) as long, (more.partitionRecords ?: 0) as int,
        (more.partitionBytes ?: 0) as long, 0), poll)
  }

  boolean isOpen(InFlightBudget budget, Track track, long now = 0) {
    budget.measure(tracks, now)
    def open = budget.isOpenFor(track, now)
    track.paused(!open)
    open
  }

  def "a partition closes above its share and opens again at half of that"() {
    given:
    def budget = budget(1000, 10)
    def all = (0..<4).collect { track(it) }

    expect:
    [[200, true], [251, false], [126, false], [125, true], [250, true], [251, false]].every { held, open ->
      all[0].rewind(0)
      holds(all[0], held)
      isOpen(budget, all[0]) == open
    }
  }

  def "a partition's own bound of records closes while one more poll fits, and takes no more of a poll than that"() {
    given:
    def budget = budget(1000, 10, [partitionRecords: 100])
    def mine = track(0)

    expect:
    [[90, true], [91, false], [46, false], [45, true]].every { held, open ->
      mine.rewind(0)
      holds(mine, held)
      isOpen(budget, mine) == open && budget.fits(mine, sizes(500)) == 100 - held
    }
  }

  def "a partition's own bound of bytes likewise"() {
    given:
    def budget = budget(1000, 10, [partitionBytes: 50 * WEIGHT])
    def mine = track(0)
    holds(mine, held)

    expect:
    isOpen(budget, mine) == open
    budget.fits(mine, sizes(500)) == 50 - held

    where:
    held || open
    25   || true
    26   || false
  }

  def "the worker closes while one more poll fits into its open part, and opens again at half of that: #what"() {
    given:
    def budget = budget(bound, poll, more)
    def hog = track(0)
    def others = (1..9).collect { track(it) }
    others.each { holds(it, 1) }

    expect: 'of the nine others each holds a record'
    [[below, true], [below + 1, false], [half + 1, false], [half, true], [below, true]].every { held, open ->
      hog.rewind(0)
      holds(hog, held - 9)
      isOpen(budget, others[0]) == open
    }

    where:
    what      | bound     | poll | more          || below | half
    'records' | 1000      | 50   | [:]           || 700   | 350
    'bytes'   | 1_000_000 | 1    | [bytes: 1000 * WEIGHT] || 375   | 187
  }

  def "who holds nothing waits half a second for room, then reads its kept part and no more"() {
    given:
    def budget = budget(1000, 50)
    def hog = track(0)
    def others = (1..9).collect { track(it) }
    holds(hog, 750)

    expect:
    !isOpen(budget, others[0], 7)
    !isOpen(budget, others[0], 7 + HALF_SECOND - 1)
    isOpen(budget, others[0], 7 + HALF_SECOND)
    budget.fits(others[0], sizes(50)) == 25

    when:
    holds(others[0], 25)

    then:
    !isOpen(budget, others[0], 8 + HALF_SECOND)
    budget.fits(others[0], sizes(50)) == 0
  }

  def "a record that is larger than any bound is let in where its partition holds nothing"() {
    given:
    def budget = budget(1000, 50, [bytes: 1024, partitionBytes: 512])
    def mine = track(0)
    budget.measure(tracks, 0)

    expect:
    budget.fits(mine, sizes(3, 5000)) == 1

    when:
    holds(mine, 1)

    then:
    budget.fits(mine, sizes(3, 5000)) == 0
  }

  @Tag('long')
  def "whatever is polled, handled and left standing, no more is held than the bound, and what does not stand goes on (seed #seed)"() {
    given:
    def random = new Random(seed)
    def count = 1 + random.nextInt(20)
    def bound = count * (4 + random.nextInt(200))
    def poll = 1 + random.nextInt(bound)
    def budget = budget(bound, poll)
    def all = (0..<count).collect { track(it) }
    def standing = all.findAll { random.nextInt(3) > 0 }
    def taken = all.collectEntries { [it, 0] }
    long now = 0

    when:
    400.times {
      now += HALF_SECOND.intdiv(20)
      budget.measure(tracks, now)
      all.each { it.paused(!budget.isOpenFor(it, now)) }
      def open = all.findAll { !it.paused }
      Collections.shuffle(open, random)
      def left = poll
      open.take(1 + random.nextInt(3)).each { mine ->
        def some = 1 + random.nextInt(poll)
        def brought = sizes(Math.min(left, some))
        left -= brought.length
        def fits = brought.length > 0 ? budget.fits(mine, brought) : 0
        if (fits > 0) {
          def polled = polled(0, (['v'] * fits) as String[])
          mine.append(polled)
          budget.take(polled)
          taken[mine] = taken[mine] + 1
        }
        assert all.sum { it.unsentRecords() } <= bound
      }
      (all - standing).each { if (random.nextBoolean()) it.rewind(0) }
    }

    then:
    (all - standing).every { taken[it] > 5 }

    where:
    seed << (1..60)
  }
}
