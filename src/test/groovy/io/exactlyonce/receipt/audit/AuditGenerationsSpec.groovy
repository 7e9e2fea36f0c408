package io.exactlyonce.receipt.audit

import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.common.utils.Utils
import spock.lang.AutoCleanup

import java.time.Duration

/** Across partitions of the receipts topic only clocks tell which receipt was first, and clocks differ. */
class AuditGenerationsSpec extends BackendsSpec {

  String group = unique('audited')
  String source = unique('source')
  String sink = unique('sink')

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 2)
    createTopic(group + '.receipts', 2)
    createTopic(group + '.dead-letters')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
  }

  def "a receipt of the generation before, stamped #seconds s after the next began: found is #found"() {
    given: 'the next one begins in one partition of the receipts, the receipt stands in the other'
    def begun = System.currentTimeMillis() - 600_000
    produce(pipeline.records(0, 10) + pipeline.records(1, 10))
    pipeline.transaction(0, 0, 5, generation: '1-aaaa', millis: begun - 60_000, worker: workerOf(0))
    pipeline.decide('generation', '2-bbbb', millis: begun, partition: 0)
    pipeline.transaction(0, 5, 10, generation: '2-bbbb', millis: begun + 1_000, worker: workerOf(0))
    pipeline.transaction(1, 0, 10, generation: '1-aaaa', millis: begun + seconds * 1_000, worker: workerOf(1))

    when:
    def report = new Audit(admin, { pipeline.consumer() }, HandMadePipeline::eventId, Duration.ofSeconds(30))
        .run(AuditScope.of(group, [source], [sink]))

    then:
    report.findings()*.where() == (found ? ["$source-1@0".toString()] : [])

    where:
    seconds || found
    -30     || false
    50      || false
    70      || true
  }

  /** Whose receipts go to this partition. */
  private static String workerOf(int partition) {
    (0..100).collect { "w-$it".toString() }.find { Utils.toPositive(Utils.murmur2(it.bytes)) % 2 == partition }
  }
}
