package io.exactlyonce.guard

import io.exactlyonce.guard.explore.Explorer
import io.exactlyonce.guard.explore.Protocol
import spock.lang.Specification
import spock.lang.Tag

import static io.exactlyonce.guard.explore.Protocol.BY_POSITION
import static io.exactlyonce.guard.explore.Protocol.MARK_AFTER
import static io.exactlyonce.guard.explore.Protocol.MARK_BEFORE
import static io.exactlyonce.guard.explore.Protocol.WITHOUT_CLEARING
import static io.exactlyonce.guard.explore.Protocol.WITHOUT_FENCE
import static io.exactlyonce.guard.explore.Protocol.WITHOUT_LOG
import static io.exactlyonce.guard.explore.Protocol.WITHOUT_REWIND
import static io.exactlyonce.guard.explore.Protocol.WITHOUT_WAIT

/**
 * The guard's protocol, explored: two workers, two copies of an event in two partitions, and every
 * order in which their steps on Redis and Kafka can come, with crashes, partitions that move,
 * a Redis that is emptied or set back to an older copy and rebuilt, a second Redis that one of them
 * reaches instead, time-outs and locks that lapse between any two of them.
 */
class ProtocolSpec extends Specification {

  @Tag('long')
  def "claims by position: one effect, whatever happens (crashes #crashes, moves #moves, losses #losses, time-outs #timeouts, lapses #lapses, cuts #cuts)"() {
    when:
    def result = Explorer.explore(BY_POSITION, crashes, moves, losses, timeouts, lapses, cuts)

    then:
    result.trace() == []
    result.wrong() == ''
    result.ends() > 0

    and: 'this is what was looked at, and not less'
    result.worlds() > worlds

    where:
    crashes | moves | losses | timeouts | lapses | cuts || worlds
    0       | 0     | 0      | 0        | 0      | 0    || 100
    2       | 2     | 0      | 1        | 0      | 0    || 100_000
    1       | 1     | 1      | 1        | 1      | 0    || 2_000_000
    1       | 0     | 2      | 0        | 0      | 0    || 200_000
    0       | 1     | 0      | 0        | 0      | 1    || 200_000
    1       | 0     | 0      | 0        | 0      | 2    || 400_000
    0       | 0     | 1      | 0        | 0      | 1    || 200_000
  }

  def "#protocol is #wrong in the end, and the explorer finds the way there"() {
    when:
    def result = Explorer.explore(protocol, 0, moves, losses, 0, 0, cuts)

    then:
    result.wrong() == wrong
    !result.trace().empty

    where:
    protocol         | moves | losses | cuts || wrong
    MARK_BEFORE      | 0     | 0      | 0    || 'lost'
    MARK_AFTER       | 0     | 0      | 0    || 'duplicated'
    WITHOUT_FENCE    | 0     | 1      | 0    || 'duplicated'
    WITHOUT_REWIND   | 1     | 1      | 0    || 'lost'
    WITHOUT_CLEARING | 0     | 2      | 0    || 'lost'
    WITHOUT_LOG      | 0     | 0      | 1    || 'duplicated'
    WITHOUT_WAIT     | 0     | 0      | 1    || 'duplicated'
  }
}
