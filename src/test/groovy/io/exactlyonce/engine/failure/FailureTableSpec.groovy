package io.exactlyonce.engine.failure

import io.exactlyonce.manual.Manual
import spock.lang.Specification

/** The manual's table of what is done about an exception is the classifier's, row by row. */
class FailureTableSpec extends Specification {

  def "the failure table has every rule in its order"() {
    expect:
    Manual.read().table('phase') == FailureClassifier.RULES.collect {
      [phases(it.phases()), it.exception().simpleName, it.reaction().toString()]
    }
  }

  def "every reaction is explained below the table"() {
    expect:
    Manual.read().table('reaction')*.first() == Reaction.values()*.name()
  }

  private static String phases(Set<Phase> phases) {
    phases.size() == Phase.values().length ? 'any' : phases.sort()*.name()*.toLowerCase().join(', ')
  }
}
