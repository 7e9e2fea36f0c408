package io.exactlyonce.engine

import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.audit.Audit
import io.exactlyonce.receipt.audit.AuditScope
import io.exactlyonce.receipt.audit.report.AuditReport
import spock.lang.Tag

import java.time.Duration

/**
 * The guard's protocol with real processes: duplicates across partitions under load, Redis killed and
 * back empty again and again, a worker killed -9 each time. Its explorer's counterpart is ProtocolSpec.
 */
class GuardTortureSpec extends OwnBackendsSpec {

  static final int ROUNDS = TORTURE ? 40 : 3

  @Tag('long')
  def "F11: Redis restarted empty every few seconds and workers killed, with duplicates under load: lost 0, duplicated 0, audit clean"() {
    given:
    def running = ['a', 'b'].collectEntries { [it, worker(it)] }

    when:
    ROUNDS.times { round ->
      def before = committed()
      pour(4_000)
      awaitCommitted(before + 1_000)
      own.redis().restart()
      def victim = 'ab'[round % 2]
      running[victim].kill()
      running[victim] = worker(victim)
      awaitCommitted(before + 2_500)
      if (round % 3 == 1) own.redis().restart()
    }

    then:
    everyEventOnce()

    and:
    def report = guarantees.audit()
    report.findings() == []
    report.counts().duplicates() == ROUNDS * 4_000 / DUPLICATES
  }
}
