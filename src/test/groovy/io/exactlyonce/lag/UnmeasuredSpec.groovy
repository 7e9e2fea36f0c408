package io.exactlyonce.lag

import org.apache.kafka.common.errors.DisconnectException
import org.apache.kafka.common.errors.GroupAuthorizationException
import org.apache.kafka.common.errors.NotCoordinatorException
import org.apache.kafka.common.errors.TimeoutException
import spock.lang.Specification

/** Which parts of a group could not be measured, and why. */
class UnmeasuredSpec extends Specification {

  def "silence is told from an answer that is an error: #failure.class.simpleName"() {
    given:
    def unmeasured = new Unmeasured()

    when:
    unmeasured.add('in-0', 'broker 2', failure)

    then:
    unmeasured.toString() == "in-0: broker 2 $says"

    where:
    failure                                    || says
    new TimeoutException('no answer in time')  || 'does not answer'
    new DisconnectException('gone')            || 'does not answer'
    new NotCoordinatorException('moving')      || 'answers: moving'
    new GroupAuthorizationException('not you') || 'answers: not you'
  }

  def "parts with one reason are one entry, of which three are named"() {
    given:
    def unmeasured = new Unmeasured()

    when:
    (0..4).each { unmeasured.add("in-$it", 'away') }
    unmeasured.add('in-9', 'else')

    then:
    unmeasured.toString() == 'in-0, in-1, in-2 and 2 more: away; in-9: else'
  }
}
