package io.exactlyonce.local

import spock.lang.Specification

import java.time.Duration

/** A wait that proves nothing would make every spec behind it green. */
class AwaitSpec extends Specification {

  static final Duration SHORT = Duration.ofMillis(30)

  def "assertions are run again until they hold"() {
    given:
    int runs = 0

    when:
    Await.until(Duration.ofSeconds(20)) { assert ++runs == 3 }

    then:
    runs == 3
  }

  def "what never holds fails with what was seen last"() {
    given:
    int runs = 0

    when:
    Await.until(SHORT) { assert "seen ${++runs}".toString() == 'never' }

    then:
    def e = thrown(AssertionError)
    e.message.startsWith("not within $SHORT; at last: ")
    e.message.contains("seen $runs")
  }

  def "an answer that nobody asserts is refused: #answer"() {
    when:
    Await.until(SHORT) { answer }

    then:
    thrown(IllegalArgumentException)

    where:
    answer << [true, false, 'text']
  }

  def "an exception is no answer: it ends the wait at once"() {
    given:
    int runs = 0

    when:
    Await.until(Duration.ofSeconds(20)) { runs++; throw new IOException('gone') }

    then:
    def e = thrown(IllegalStateException)
    e.cause.message == 'gone'
    runs == 1
  }
}
