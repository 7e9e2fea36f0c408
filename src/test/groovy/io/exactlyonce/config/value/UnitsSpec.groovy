package io.exactlyonce.config.value

import spock.lang.Specification

import java.time.Duration

class UnitsSpec extends Specification {

  def "#text is a time of #millis ms"() {
    expect:
    Units.duration(text) == Duration.ofMillis(millis)

    where:
    text    || millis
    '0ms'   || 0
    '100ms' || 100
    '10s'   || 10_000
    '10 s'  || 10_000
    '5m'    || 300_000
    '24h'   || 86_400_000
    '7D'    || 604_800_000
    '-1s'   || -1000
  }

  def "#text is a size of #bytes bytes"() {
    expect:
    Units.bytes(text) == bytes

    where:
    text    || bytes
    '17'    || 17
    '17B'   || 17
    '512KB' || 512 * 1024
    '16 mb' || 16 * 1024 * 1024
    '2GB'   || 2L * 1024 * 1024 * 1024
  }

  def "a time is written as #text"() {
    expect:
    Units.text(Duration.ofMillis(millis)) == text

    where:
    millis || text
    100    || '100ms'
    1000   || '1s'
    1500   || '1500ms'
    90_000 || '90s'
  }

  def "'#text' is neither a time nor a size"() {
    when:
    Units.duration(text)

    then:
    thrown(IllegalArgumentException)

    when:
    Units.bytes(text)

    then:
    thrown(IllegalArgumentException)

    where:
    text << ['', 'x', '1.5s', '10 10s', '1e3', '99999999999999999999s', '10parsecs', '10s ']
  }

  def "#millis ms is #text in the largest unit that leaves no rest"() {
    expect:
    Units.shortest(java.time.Duration.ofMillis(millis)) == text

    where:
    millis     || text
    100        || '100ms'
    1_500      || '1500ms'
    60_000     || '1m'
    90_000     || '90s'
    3_600_000  || '1h'
    86_400_000 || '1d'
  }
}
