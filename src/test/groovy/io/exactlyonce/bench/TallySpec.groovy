package io.exactlyonce.bench

import spock.lang.Specification

class TallySpec extends Specification {

  static final Load LOAD = new Load('in', Load.PARTITIONS, 1000, 100, 10)

  def payload = new Payload(LOAD.valueBytes())
  def tally = new Tally(LOAD)

  def "a duplicate gets through where its event has an output already, wherever it was"() {
    when:
    put(0..999)

    then:
    tally.verdict() == new Verdict(900, 0, 0, 100, 0)
  }

  def "a duplicate that comes before its event is the event's one output, and not out of order"() {
    given:
    def duplicate = (0..999).find { LOAD.isDuplicate(it) }
    def event = (0..999).find { LOAD.number(it) == LOAD.number(duplicate) }

    when:
    put([duplicate] + (0..<duplicate).findAll { it != event })

    then:
    tally.verdict() == new Verdict(90, 0, 0, 0, 0)
  }

  def "a record that is put out again is there twice, and no duplicate that got through"() {
    when:
    put([0, 1, 2, 1])

    then:
    tally.verdict().twice() == 1
    tally.verdict().through() == 0
  }

  def "an output behind a later one of its key is out of order"() {
    given:
    def load = new Load('in', Load.PARTITIONS, 20_002, 100, 0)

    when:
    put([0, Payload.KEYS * 2, Payload.KEYS], load)

    then:
    tally.verdict().disordered() == 1
  }

  def "an event is missing where a record of it is committed and it has no output"() {
    when:
    [8L, 9L].collectMany { LOAD.places(it).toArray().toList() }.each { tally.committed(payload.record(LOAD, it).value()) }
    put(0..7)

    then:
    tally.verdict().missing() == 2
    !tally.verdict().good
  }

  def "an event without an output is missing only once all its records are committed"() {
    given:
    def duplicate = (0..999).find { LOAD.isDuplicate(it) }
    def places = LOAD.places(LOAD.number(duplicate)).toArray()

    when:
    tally.committed(payload.record(LOAD, places[0]).value())

    then:
    places.size() > 1
    tally.verdict().missing() == 0

    when:
    places.each { tally.committed(payload.record(LOAD, it).value()) }

    then:
    tally.verdict().missing() == 1
  }

  def "outputs ahead of what is committed are not missing"() {
    when:
    (0..3).each { tally.committed(payload.record(LOAD, it).value()) }
    put(0..7)

    then:
    tally.verdict().good
  }

  def "a verdict with #fault is not good"() {
    expect:
    !new Verdict(10, missing, twice, through, disordered).good

    where:
    fault       | missing | twice | through | disordered
    'missing'   | 1       | 0     | 0       | 0
    'twice'     | 0       | 1     | 0       | 0
    'through'   | 0       | 0     | 1       | 0
    'disorder'  | 0       | 0     | 0       | 1
  }

  private void put(Iterable<Integer> places, Load load = LOAD) {
    places.each { place ->
      def record = payload.record(load, place)
      tally.output(record.key(), record.value())
    }
  }
}
