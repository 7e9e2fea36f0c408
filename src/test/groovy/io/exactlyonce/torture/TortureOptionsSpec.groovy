package io.exactlyonce.torture

import spock.lang.Specification

/** What {@code mvn -Ptorture} takes; what it does not is refused before anything is started. */
class TortureOptionsSpec extends Specification {

  static TortureOptions of(Map<String, String> given) {
    def properties = new Properties()
    properties.putAll(given)
    TortureOptions.of(properties)
  }

  def "ten minutes with a fresh seed, unless told otherwise"() {
    expect:
    of([:]).seconds() == 600
    of([:]).seed() != of([:]).seed()
    of(minutes: '3', seed: '7').seconds() == 180
    of(minutes: '3', seed: '7').seed() == 7
  }

  def "the command that repeats a run has all of it"() {
    given:
    def options = of(seconds: '60', seed: '7', protocol: 'consumer', membership: 'static')

    expect:
    options.command() == 'mvn -Ptorture -Dseconds=60 -Dseed=7 -Drate=500 -Ddelivery=exactly-once -Dprotocol=consumer -Dmembership=static'
  }

  def "-D#key=#value is refused with what can be written"() {
    when:
    of([(key): value])

    then:
    def e = thrown(IllegalArgumentException)
    e.message.startsWith("-D$key=$value: write ")

    where:
    key          | value
    'minutes'    | 'three'
    'seed'       | '-1'
    'rate'       | ''
    'delivery'   | 'once'
    'protocol'   | 'streams'
    'membership' | 'none'
  }
}
