package io.exactlyonce.engine.handling

import io.exactlyonce.local.LogLines
import spock.lang.AutoCleanup
import spock.lang.Specification

import java.time.Clock
import java.time.Instant
import java.time.ZoneId
import java.time.ZoneOffset

class FailureLogSpec extends Specification {

  Instant now = Instant.parse('2026-01-01T12:00:00Z')
  Clock clock = new Clock() {
    ZoneId zone = ZoneOffset.UTC

    @Override
    Clock withZone(ZoneId other) { this }

    @Override
    Instant instant() { FailureLogSpec.this.now }
  }
  String pipeline = 'p-' + UUID.randomUUID()
  FailureLog log = new FailureLog(pipeline, clock)
  @AutoCleanup
  LogLines seen = new LogLines(FailureLog)

  /** Other specs' pipelines may write at the same time. */
  List<String> lines() {
    seen.texts().findAll { it.startsWith("$pipeline: ") }*.substring(pipeline.length() + 2)
  }

  def "the first of a kind is said at once, with position, what becomes of it and why"() {
    when:
    log.note(FailureLog.Kind.DEAD_LETTER, 'orders-3@17', 'the handler threw at each of 3 attempts', new IOException('no route\nto host'))

    then:
    lines() == ['orders-3@17 is a dead letter; the handler threw at each of 3 attempts: java.io.IOException: no route to host']
  }

  def "a stop names the three decisions and where they are taken"() {
    when:
    log.note(FailureLog.Kind.STOP, 'orders-3@17', 'the handler threw', null)

    then:
    lines() == ["orders-3@17 has stopped its partition until an operator decides: retry, skip or dead-letter, by POST /pipelines/$pipeline/stops/orders-3@17/...; the handler threw".toString()]
  }

  def "a storm is one line a period and kind, with a count, and its end is said too"() {
    when:
    10_000.times { log.note(FailureLog.Kind.RETRY, "orders-3@$it", 'the handler threw', new IOException("try $it")) }
    10_000.times { log.note(FailureLog.Kind.DEAD_LETTER, "orders-4@$it", 'the record has no value', null) }

    then:
    lines() == ['orders-3@0 is tried again; the handler threw: java.io.IOException: try 0', 'orders-4@0 is a dead letter; the record has no value']

    when: 'the period is not over, and over'
    now += java.time.Duration.ofSeconds(9)
    log.flush()
    def early = lines().size()
    now += java.time.Duration.ofSeconds(1)
    2.times { log.flush() }

    then:
    early == 2
    lines().drop(2).sort() == [
        '9999 records, the first of them orders-3@1, of each: is tried again; the handler threw: java.io.IOException: try 1',
        '9999 records, the first of them orders-4@1, of each: is a dead letter; the record has no value']
  }

  def "reasons without end are counted together"() {
    when:
    10_000.times { log.note(FailureLog.Kind.DEAD_LETTER, "orders-3@$it", "reason $it", null) }

    then:
    lines().size() <= 101
  }

  def "an exception that cannot say what it is costs nothing, and a long text is cut"() {
    when:
    log.note(FailureLog.Kind.RETRY, 'orders-3@1', 'a', new RuntimeException() {
      @Override
      String getMessage() { throw new StackOverflowError() }
    })
    log.note(FailureLog.Kind.RETRY, 'orders-3@2', 'b', new IOException('x' * 5000))

    then:
    lines().size() == 2
    lines().every { it.length() < 500 }
  }
}
