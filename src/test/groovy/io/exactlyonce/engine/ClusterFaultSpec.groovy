package io.exactlyonce.engine

import io.exactlyonce.local.EmbeddedBackends
import spock.lang.Tag

/** Three nodes, of which one is killed: whichever it is, the others hold everything. */
class ClusterFaultSpec extends OwnBackendsSpec {

  @Override
  EmbeddedBackends startOwn() {
    EmbeddedBackends.start(3, SHORT_SESSIONS)
  }

  int transactionCoordinator() {
    def id = "${name}.a-0-a".toString()
    admin.describeTransactions([id]).description(id).get().coordinatorId()
  }

  int groupCoordinator() {
    admin.describeConsumerGroups([name]).all().get()[name].coordinator().id()
  }

  @Tag('long')
  def "F6: the node of the #coordinator coordinator is killed -9 under load (#protocol)"() {
    when:
    ['a', 'b'].each { worker(it, 'group-protocol': protocol) }
    pour(30_000)
    awaitCommitted(6_000)
    (1..(TORTURE ? 3 : 1)).each { round ->
      def node = own.kafka().node((coordinator == 'transaction' ? transactionCoordinator() : groupCoordinator()) - 1)
      node.kill()
      awaitCommitted(committed() + 2_000)
      node.restart()
    }

    then:
    everyEventOnce()

    where:
    [coordinator, protocol] << cases([['transaction', 'classic']], [['transaction', 'consumer'], ['group', 'classic'], ['group', 'consumer']])
  }
}
