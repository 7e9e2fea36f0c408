package io.exactlyonce.engine

import io.exactlyonce.local.EmbeddedBackends
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.local.LogLines
import io.exactlyonce.local.LostAnswers
import org.apache.kafka.common.protocol.ApiKeys
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Tag


/** A network that swallows the broker's answer to a join, as where an instance is cut off amid a rebalance. */
class LostJoinSpec extends OwnBackendsSpec {

  @Shared
  @AutoCleanup
  LostAnswers proxy

  @Override
  EmbeddedBackends startOwn() {
    int behind = LocalPorts.free(1)[0]
    def started = EmbeddedBackends.start(1, SHORT_SESSIONS + ['advertised.listeners': "PLAINTEXT://127.0.0.1:$behind".toString()])
    proxy = new LostAnswers(behind, started.bootstrapServers().split(':')[1] as int)
    started
  }

  @Tag('long')
  def "a worker whose join is not answered joins again within its time between two polls, and nothing is lost"() {
    given:
    def (first, second) = ['a', 'b'].collect {
      run(['instance-id': it, 'transaction-timeout': '6s', 'drain-timeout': '3s',
           'consumer.session.timeout.ms': '6000', 'consumer.heartbeat.interval.ms': '500'])
    }
    awaitShared(2)
    def log = new LogLines('io.exactlyonce.engine.worker.WorkerLoop')
    opened << log
    produce((0..<300).collect { record("v$it", partition: it % 3) })
    awaitDrained()

    when: 'one leaves, and the other joins the generation that follows'
    proxy.lose(ApiKeys.JOIN_GROUP.id)
    second.close()
    await(BOUND) { assert proxy.lost() == 1 }
    produce((300..<600).collect { record("v$it", partition: it % 3) })

    then: 'until its session has ended the group counts it as a member'
    await(BOUND) { assert members().empty }

    and: 'the log says what the worker waits for'
    await(BOUND) { assert log.texts().any { it.contains('has not joined its next generation') } }

    and: 'Kafka takes half a minute at least to give a request up, and then it is back'
    awaitDrained()
    awaitRunning(first, 1)
    guarantees.all((0..<600).collect { "v$it".toString() })
  }
}
