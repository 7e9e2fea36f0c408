package io.exactlyonce.engine.worker

import spock.lang.Specification

import static io.exactlyonce.engine.worker.PollPacing.GAP_NANOS
import static io.exactlyonce.engine.worker.PollPacing.LITTLE
import static io.exactlyonce.engine.worker.PollPacing.MAX_UNPOLLED_NANOS

class SendRateSpec extends Specification {

  static final long START = Long.MAX_VALUE - 5 // it may overflow at any moment

  def pace = new PollPacing(START)

  def "after #records records the next poll is due #when"() {
    when:
    pace.postPoll(records, START)

    then:
    pace.isDue(false, START) == (after == 0)
    pace.isGap(START) == (after > 0)
    pace.isDue(false, START + after)
    !pace.isGap(START + after)
    after == 0 || !pace.isDue(false, START + after - 1)

    where:
    records    || after
    0          || 0
    1          || GAP_NANOS
    LITTLE - 1 || GAP_NANOS
    LITTLE     || 0
    2000       || 0
    when = after ? 'after a gap' : 'at once'
  }

  def "with claims of several polls on their way it is polled now and then, for the membership's sake"() {
    when:
    pace.postPoll(2000, START)

    then:
    !pace.isDue(true, START + MAX_UNPOLLED_NANOS - 1)
    pace.isDue(true, START + MAX_UNPOLLED_NANOS)
    pace.isDue(false, START)
    !pace.isGap(START)
  }

  def "a poll that brought nothing ends the gap of the one before"() {
    when:
    pace.postPoll(1, START)
    pace.postPoll(0, START + 1)

    then:
    pace.isDue(false, START + 1)
  }
}
