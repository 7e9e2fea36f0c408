package io.exactlyonce.engine

import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.receipt.audit.report.Finding
import spock.lang.Tag

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.TimeUnit

/** What becomes of retry topics, dead letters, sinks and receipts that are made anew, and of new partitions. */
class OtherTopicsMadeAnewSpec extends TopicMadeAnew {

  @Tag('long')
  def "a retry topic made anew while it runs: what comes later is retried once, and the source goes on"() {
    given:
    String to = sink
    def failed = ConcurrentHashMap.newKeySet()
    def moody = { event ->
      if (event.value().startsWith('bad') && failed.add(event.value())) { throw new IOException('not yet') }
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    run([ordering: 'none', 'retry.attempts': '1', 'retry.topics': '1s'], moody)
    produce([record('bad0', partition: 0), record('good0', partition: 0)])
    awaitRetried('1s')

    expect:
    visible() == ['bad0', 'good0']

    when:
    remake("${name}.retry.1s")
    produce([record('bad1', partition: 0), record('bad2', partition: 0), record('good1', partition: 0)])
    await(BOUND) { assert visible().size() >= 5 }
    awaitRetried('1s')

    then:
    visible() == ['bad0', 'bad1', 'bad2', 'good0', 'good1']
    notices().any { it.startsWith("${name}.retry.1s-") }
  }

  @Tag('long')
  def "dead letters made anew while it runs: letters go on, and the log says so"() {
    given:
    String to = sink
    def picky = { event ->
      if (event.value().startsWith('bad')) { throw new IOException('never') }
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
    def running = run(['retry.attempts': '1'], picky)
    def log = watchLog()
    produce([record('bad0', partition: 0), record('good0', partition: 0)])
    awaitDrained()

    when:
    remake("${name}.dead-letters")
    produce([record('bad1', partition: 0), record('good1', partition: 0)])
    awaitDrained()

    then:
    values(readCommitted("${name}.dead-letters")) == ['bad1']
    visible() == ['good0', 'good1']
    await(BOUND) { assert says(log, "${name}.dead-letters was made anew") }
    running.pipeline().status().ready

    and: 'the audit finds the letter that was deleted with its topic, and nothing else'
    guarantees.audit().findings().collect { [it.kind(), it.where()] } == [[Finding.Kind.LOST, "$source-0@0"]]
  }

  @Tag('long')
  def "a sink, then the receipts, made anew while it runs: outputs go on, the receipts' loss is shown"() {
    given:
    def running = run('guard.store': 'off')
    produce((0..<30).collect { record("a$it", partition: it % 3) })
    awaitDrained()

    when:
    remake(sink)
    produce((0..<30).collect { record("b$it", partition: it % 3) })
    awaitDrained()

    then:
    visible() == all('b', 30)

    when:
    remake("$name" + '.receipts', 1)
    produce((0..<30).collect { record("c$it", partition: it % 3) })
    awaitDrained()

    then:
    seen('c') == all('c', 30)
    await(BOUND) { assert running.pipeline().status().warnings().any { it.contains("${name}.receipts was made anew") } }
  }

  @Tag('long')
  def "more partitions are read within 30 seconds, and the log says so"() {
    given:
    run('guard.store': 'off')
    def log = watchLog()
    produce([record('a', partition: 0)])
    awaitDrained()

    when:
    admin.createPartitions([(source): org.apache.kafka.clients.admin.NewPartitions.increaseTo(4)]).all().get()
    def began = System.nanoTime()
    kafka.awaitTopic(source, 4)
    produce([record('b', partition: 3)])
    await(BOUND) { assert visible().contains('b') }

    then:
    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) < 30
    await(BOUND) { assert says(log, "topic $source has 4 partitions, before 3") }
  }
}
