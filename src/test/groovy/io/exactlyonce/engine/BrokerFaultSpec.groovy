package io.exactlyonce.engine

import io.exactlyonce.engine.status.WorkerState
import io.exactlyonce.local.ChildProcess
import org.apache.kafka.clients.admin.TransactionState
import spock.lang.Tag

/** What a broker does to transactional ids and transactions by the clock, with the clock set fast. */
class BrokerFaultSpec extends OwnBackendsSpec {

  @Override
  Map<String, String> brokerSettings() {
    ['transactional.id.expiration.ms'                              : '3000',
     'transaction.remove.expired.transaction.cleanup.interval.ms'  : '500',
     'transaction.abort.timed.out.transaction.cleanup.interval.ms' : '200']
  }

  List<String> transactions(TransactionState... states) {
    admin.listTransactions().all().get()
        .findAll { it.transactionalId().startsWith(name) && (states.length == 0 || it.state() in states) }*.transactionalId()
  }

  @Tag('long')
  def "F3: idle past transactional.id.expiration.ms, the broker has forgotten the ids: work goes on with the next record"() {
    given:
    def pipeline = run()
    produce((0..<300).collect { record("v$it", partition: it % 3) })
    awaitDrained()

    when:
    (1..2).each { round ->
      await(BOUND) { assert transactions().empty }
      produce((0..<300).collect { record("r$round-$it", partition: it % 3) })
      awaitDrained()
    }

    then:
    visible().size() == 900
    visible().toSet().size() == 900
    guarantees.receiptsJoin()
    pipeline.pipeline().status().workers().every { it.state() == WorkerState.RUNNING }
  }

  @Tag('long')
  def "F5: a transaction that the broker has aborted by its time-out is done again, by the same process (#protocol)"() {
    given:
    def worker = worker('a', 'group-protocol': protocol, 'transaction-timeout': '2s', 'drain-timeout': '1s',
        *: protocol == 'classic' ? ['consumer.session.timeout.ms': '30000'] : [:])
    pour(15_000)
    awaitCommitted(2_000)

    when: 'it stands still with a transaction open until the broker has given up on that'
    await(BOUND) { assert standsWithOpenTransaction(worker) }
    await(BOUND) { assert transactions(TransactionState.ONGOING, TransactionState.PREPARE_ABORT).empty }
    def before = committed()
    worker.resume()

    then:
    everyEventOnce()
    before < 15_000
    worker.alive

    where:
    protocol << cases(['classic'], ['consumer'])
  }

  /** Stopped where it has a transaction open; where it has none it goes on. */
  boolean standsWithOpenTransaction(ChildProcess worker) {
    worker.pause()
    boolean isOpen = transactions(TransactionState.ONGOING)
    if (!isOpen) {
      worker.resume()
    }
    isOpen
  }
}
