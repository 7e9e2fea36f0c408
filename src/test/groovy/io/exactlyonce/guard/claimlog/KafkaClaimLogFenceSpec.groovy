package io.exactlyonce.guard.claimlog

import io.exactlyonce.receipt.Generation
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.errors.InvalidProducerEpochException
import org.apache.kafka.common.errors.ProducerFencedException

import java.time.Duration

/** Who writes the group's receipts is fenced before its log is read, and nobody else. */
class KafkaClaimLogFenceSpec extends ClaimedLog {

  def "fencing aborts what the pipeline's producers have open, and spares others"() {
    given:
    def mine = producer("$group-host-0-b")
    def other = producer(unique('other') + '-host-0-a')
    [mine, other].each {
      it.beginTransaction()
      it.send(pipeline.output(0, 0))
      it.flush()
    }

    when:
    log().announce { Generation.after(it) }

    then:
    def fenced = fails { mine.commitTransaction() }
    fenced instanceof ProducerFencedException || fenced instanceof InvalidProducerEpochException

    when:
    other.commitTransaction()

    then:
    readCommitted(sink).size() == 1

    when: 'a successor takes the id over'
    def next = producer("$group-host-0-b")
    next.beginTransaction()
    next.send(pipeline.output(0, 1))
    next.commitTransaction()

    then:
    readCommitted(sink).size() == 2

    cleanup:
    [mine, other, next]*.close(Duration.ZERO)
  }

  def "a pipeline whose name continues this one's is spared"() {
    given:
    def mine = producer("${group}.host-0-a")
    def longer = producer("$group-eu.host-0-a")
    [mine, longer].each { it.beginTransaction(); it.send(pipeline.output(0, 0)); it.flush() }

    when:
    log(prefix: group + '.').announce { Generation.after(it) }
    longer.commitTransaction()

    then:
    noExceptionThrown()
    fails { mine.commitTransaction() } != null

    cleanup:
    [mine, longer]*.close(Duration.ZERO)
  }

  def "every producer that writes the group's receipts is fenced, whatever its pipeline is called"() {
    given: 'the second side of a worker whose first wrote a receipt; other groups whose names continue this one'
    def former = unique('former')
    def wrote = producer("${former}.host.eu-0-a")
    def idle = producer("${former}.host.eu-0-b")
    def others = ['-eu', '.eu'].collectEntries { [it, producer(unique('other') + '.host-0-a')] }
    others.keySet().each { createTopic(group + it + '.receipts') }
    wrote.beginTransaction()
    wrote.send(new ProducerRecord(group + '.receipts', 0, 'k'.bytes, 'r'.bytes))
    wrote.commitTransaction()
    others.each { continued, it ->
      it.beginTransaction()
      it.send(new ProducerRecord(group + continued + '.receipts', 0, 'k'.bytes, 'r'.bytes))
      it.flush()
    }
    [wrote, idle].each { it.beginTransaction(); it.send(pipeline.output(0, 0)); it.flush() }

    when:
    log(prefix: group + '.').announce { Generation.after(it) }
    others.values()*.commitTransaction()

    then:
    noExceptionThrown()
    [wrote, idle].each { mine -> assert fails { mine.commitTransaction() } != null }

    cleanup:
    [wrote, idle]*.close(Duration.ZERO)
    others.values()*.close(Duration.ZERO)
  }

  def "a member's producers are fenced before their first receipt, and not those of its like elsewhere"() {
    given: 'a member of the group that another pipeline made, and workers that only look like one'
    def former = unique('former')
    def member = consumer("$former-host-0")
    member.subscribe([source])
    await(Duration.ofSeconds(20)) { member.poll(Duration.ofMillis(50)); assert !member.assignment().empty }
    def mine = producer("${former}.host-0-b")
    def others = [producer("${former}.host-1-b"), producer("${former}.host-0-replay"), producer("${former}-eu.host-0-b")]
    [mine, *others].each { it.beginTransaction(); it.send(pipeline.output(0, 0)); it.flush() }

    when:
    log(prefix: group + '.').announce { Generation.after(it) }
    others*.commitTransaction()

    then:
    noExceptionThrown()
    fails { mine.commitTransaction() } != null

    cleanup:
    [mine, *others]*.close(Duration.ZERO)
    member.close()
  }

  def "of two workers with one client id the one that is known to be the group's is fenced"() {
    given: 'pipeline a-b on host c, in this group; pipeline a on host b-c, in another'
    def a = unique('a')
    def member = consumer("$a-b-c-0")
    member.subscribe([source])
    await(Duration.ofSeconds(20)) { member.poll(Duration.ofMillis(50)); assert !member.assignment().empty }
    def mine = producer("$a-b.c-0-a")
    def other = producer("${a}.b-c-0-a")
    [mine, other].each { it.beginTransaction(); it.send(pipeline.output(0, 0)); it.flush() }

    when:
    log(prefix: "$a-b.").announce { Generation.after(it) }
    other.commitTransaction()

    then:
    noExceptionThrown()
    fails { mine.commitTransaction() } != null

    cleanup:
    [mine, other]*.close(Duration.ZERO)
    member.close()
  }

  def "an id that begins like the pipeline's and is no worker's is spared"() {
    given:
    def replay = producer("${group}.replay-by-hand")
    replay.beginTransaction()
    replay.send(pipeline.output(0, 0))

    when:
    log(prefix: group + '.').announce { Generation.after(it) }
    replay.commitTransaction()

    then:
    noExceptionThrown()

    cleanup:
    replay.close(Duration.ZERO)
  }

  def "nothing to fence is no failure"() {
    when:
    log(prefix: 'no-such-pipeline-').announce { Generation.after(it) }

    then:
    noExceptionThrown()
  }
}
