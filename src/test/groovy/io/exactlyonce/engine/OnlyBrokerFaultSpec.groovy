package io.exactlyonce.engine

import io.exactlyonce.local.EmbeddedBackends
import spock.lang.Tag

/**
 * The only broker is killed in the middle of transactions. Its controller is a process of its own: a broker that is both
 * is fenced while it starts, and Kafka may then leave out the markers of a commit that it reports (how-it-works.md).
 */
class OnlyBrokerFaultSpec extends OwnBackendsSpec {

  @Override
  EmbeddedBackends startOwn() {
    EmbeddedBackends.startWithController(SHORT_SESSIONS)
  }

  @Tag('long')
  def "F6: the broker is killed -9 during commits and comes back on its data (#protocol)"() {
    when:
    worker('a', 'group-protocol': protocol)
    pour(30_000)
    awaitCommitted(8_000)
    own.kafka().restartFenced()
    awaitCommitted(16_000)
    own.kafka().restartFenced()

    then:
    everyEventOnce()

    where:
    protocol << cases(['classic'], ['consumer'])
  }
}
