package io.exactlyonce.engine.intake

import io.exactlyonce.guard.GuardUnavailableException
import io.exactlyonce.local.LogLines
import spock.lang.AutoCleanup
import spock.lang.Specification

import java.time.Duration

/** What the log hears of claims that fail: at once, whatever lasts, and a flutter as a count. */
class GuardTroubleSpec extends Specification {

  static final CONSEQUENCE = 'nothing is handled until they succeed'

  long now = -Duration.ofDays(3).toNanos()
  String why = "why-${UUID.randomUUID()}"
  GuardTrouble trouble = new GuardTrouble({ now })
  @AutoCleanup
  LogLines log = new LogLines(GuardTrouble)
  Thread mine = Thread.currentThread()

  /** Other specs' pipelines may write at the same time. */
  List<String> lines() {
    log.events().findAll { it.threadName == mine.name }*.formattedMessage
  }

  void fail() {
    trouble.set(new GuardUnavailableException(why, null), CONSEQUENCE)
  }

  void pass(Duration time) {
    now += time.toNanos()
  }

  /** As a worker's turns go, which come each few milliseconds: it fails and succeeds in turn. */
  void flutter(Duration length, Duration each) {
    long end = now + length.toNanos()
    while (now < end) {
      fail()
      pass(each)
      trouble.clear()
      pass(each)
      trouble.flush()
    }
  }

  def "the first failure is said at once, and so is its end: an outage is two lines, however long"() {
    when:
    fail()

    then:
    lines() == ["claims fail, $CONSEQUENCE: $why".toString()]
    trouble.text() == "$why; $CONSEQUENCE".toString()

    when:
    1000.times {
      pass(Duration.ofSeconds(1))
      fail()
    }
    trouble.clear()
    10.times {
      pass(Duration.ofMinutes(1))
      trouble.flush()
    }

    then:
    lines().drop(1) == ['claims succeed again']
    trouble.text() == ''
  }

  def "an hour of hovering is tens of lines, which count: a flip each #each ms"() {
    when:
    flutter(Duration.ofHours(1), Duration.ofMillis(each))
    pass(Duration.ofMinutes(6))
    trouble.flush()

    then:
    lines().size() in 13..40
    counted(lines()) == Duration.ofHours(1).toMillis().intdiv(2 * each)

    where:
    each << [50, 400, 5_000]
  }

  /** Each line that says "claims fail" is one failure, and has the count of others with it. */
  static int counted(List<String> lines) {
    lines.sum { line ->
      def others = line =~ /failed (\d+) more times/
      (line.startsWith('claims fail,') ? 1 : 0) + (others ? others[0][1] as int : 0)
    } as int
  }

  def "a failure that lasts is said within 20 s though the period is not over, and so is its end"() {
    given:
    flutter(Duration.ofSeconds(30), Duration.ofMillis(100))
    def before = lines().size()

    when:
    200.times {
      fail()
      pass(Duration.ofMillis(100))
    }
    def during = lines().drop(before)
    trouble.clear()

    then:
    before == 2
    during.size() == 1
    during[0].startsWith("claims fail, $CONSEQUENCE: $why, and failed ")
    lines().drop(before + 1) == ['claims succeed again']
  }

  def "the status says at each moment how it is, whatever the log is told"() {
    expect:
    (1..100).every {
      fail()
      def failing = trouble.text()
      trouble.clear()
      failing && !trouble.text()
    }
  }

  def "after a quiet period a failure is said at once again"() {
    given:
    flutter(Duration.ofSeconds(1), Duration.ofMillis(100))
    pass(Duration.ofMinutes(6))
    trouble.flush()
    pass(Duration.ofMinutes(6))
    def before = lines().size()

    when:
    fail()

    then:
    lines().drop(before) == ["claims fail, $CONSEQUENCE: $why".toString()]
  }
}
