package io.exactlyonce.eventid

import io.exactlyonce.handler.EventIdFinder
import spock.lang.Specification

import static io.exactlyonce.engine.Records.record

class EventIdsSpec extends Specification {

  static final DEFAULTS = ['header:event-id', 'cloudevent']

  static String find(List<String> places, record) {
    def found = EventIds.of(places, { null }).find(record)
    found == null ? null : new String(found, 'UTF-8')
  }

  def "by default the id is in the header event-id, else CloudEvents' ce_source and ce_id: #headers"() {
    expect:
    find(DEFAULTS, record(0, 'k', 'v', headers)) == id

    where:
    headers                        || id
    ['event-id': 'a']              || 'a'
    ['ce_id': 'b', 'ce_source': '/s'] || '/s b'
    ['ce_id': 'b', 'event-id': 'a'] || 'a'
    ['event-id': '', 'ce_id': 'b', 'ce_source': '/s'] || '/s b'
    ['ce_source': '/s']            || null
    ['ce_id': '', 'ce_source': '/s'] || null
    ['event-id': '']               || null
    ['Event-Id': 'a']              || null
    [:]                            || null
  }

  def "of two headers of a name the last counts"() {
    given:
    def twice = record(0, 'k', 'v', ['event-id': 'first'])
    twice.headers().add('event-id', 'second'.bytes)

    expect:
    find(DEFAULTS, twice) == 'second'
  }

  def "a header without a value is no id"() {
    given:
    def empty = record(0, 'k', 'v', [ce_id: 'b', ce_source: '/s'])
    empty.headers().add('event-id', null)

    expect:
    find(DEFAULTS, empty) == '/s b'
  }

  def "field:id of #value is #id"() {
    expect:
    find(['field:id'], record(0, 'k', value)) == id

    where:
    value                                         || id
    '{"id":"a"}'                                  || 'a'
    '{"x":{"id":"inner"},"y":["id"],"id":"a"}'    || 'a'
    '{"id":17}'                                   || '17'
    '{"id":12345678901234567890123}'              || '12345678901234567890123'
    '{"id":"\\u00e9"}'                            || 'é'
    '{"id":""}'                                   || null
    '{"id":null}'                                 || null
    '{"id":{"a":1}}'                              || null
    '{"id":["a"]}'                                || null
    '{"x":{"id":"inner"}}'                        || null
    '["id"]'                                      || null
    '"id"'                                        || null
    '{}'                                          || null
    ''                                            || null
    'no JSON'                                     || null
    [0xC3, 0x28] as byte[]                        || null
    null                                          || null
  }

  def "the key is the id where it is asked for: #key"() {
    expect:
    find(['key'], record(0, key, 'v')) == id

    where:
    key   || id
    'k-1' || 'k-1'
    ''    || null
    null  || null
  }

  def "the first place that has an id counts: #places"() {
    expect:
    find(places, record(0, 'key', '{"id":"field"}', [h: 'header'])) == id

    where:
    places                                || id
    ['header:h', 'field:id', 'key']       || 'header'
    ['header:none', 'field:id', 'key']    || 'field'
    ['header:none', 'field:none', 'key']  || 'key'
    ['key', 'header:h']                   || 'key'
    ['header:none', 'field:none']         || null
    []                                    || null
  }

  def "#what can be used: #usable"() {
    expect:
    EventIds.isUsable(id as byte[]) == usable

    where:
    what                       | id                              || usable
    'one byte'                 | 'a'.bytes                       || true
    '1024 bytes'               | ('a' * 1024).bytes              || true
    '1025 bytes'               | ('a' * 1025).bytes              || false
    '1024 bytes, not ASCII'    | ('é' * 512).getBytes('UTF-8')   || true
    '1026 bytes, not ASCII'    | ('é' * 513).getBytes('UTF-8')   || false
    'an emoji'                 | '😀'.getBytes('UTF-8')          || true
    'a control character'      | [0x61, 0x09]                      || true
    'blanks'                   | '  '.bytes                      || false
    'a tab'                    | [0x09]                          || false
    'a no-break space'         | '\u00a0'.getBytes('UTF-8')      || false
    'a broken sequence'        | [0xC3, 0x28]                    || false
    'a sequence cut short'     | [0x61, 0xE2, 0x82]              || false
    'an overlong form'         | [0xC0, 0xAF]                    || false
    'a surrogate'              | [0xED, 0xA0, 0x80]              || false
    'Latin-1'                  | 'é'.getBytes('ISO-8859-1')      || false
  }

  def "half a surrogate pair is an id that cannot be used: two such would be encoded alike"() {
    expect:
    EventIds.of(['field:id'], { null }).findUsable(record(0, 'k', '{"id":"\\ud800"}')) == null
    EventIds.of(['field:id'], { null }).findUsable(record(0, 'k', '{"id":"\\ud801"}')) == null
  }

  def "a finder that #does the interrupt flag, which was up: #was, leaves it as it was"() {
    given:
    def leaving = { key, value, headers -> touch(); 'id' } as EventIdFinder
    if (was) Thread.currentThread().interrupt()

    when:
    def id = EventIds.of(['class:it'], { leaving }).find(record(0, 'k', 'v'))

    then:
    Thread.interrupted() == was
    id == 'id'.bytes

    where:
    was   | does     | touch
    false | 'raises' | { Thread.currentThread().interrupt() }
    true  | 'lowers' | { Thread.interrupted() }
    true  | 'leaves' | { }
  }

  static byte[] around(List<Integer> id) {
    ('{"id":"'.bytes.toList() + id + '"}'.bytes.toList()) as byte[]
  }

  /** Why the id is refused; null where it can be used. */
  static String refusal(List<String> places, record) {
    def found = EventIds.of(places, { null }).find(record)
    EventIds.isUsable(found) ? null : EventIds.whyUnusable(found)
  }

  def "two CloudEvents that differ in source or id never have one id: #other"() {
    expect:
    find(DEFAULTS, record(0, 'k', 'v', [ce_source: '/a', ce_id: '1'])) != find(DEFAULTS, record(0, 'k', 'v', other))

    where:
    other << [[ce_source: '/b', ce_id: '1'], [ce_source: '/a', ce_id: '2'], [ce_source: '/a1', ce_id: ' 1'], [ce_source: '/', ce_id: 'a 1']]
  }

  def "a CloudEvent that cannot be told from another is refused: #headers"() {
    expect:
    refusal(DEFAULTS, record(0, 'k', 'v', headers)).contains(why)

    where:
    headers                                        || why
    [ce_id: '1']                                   || 'ce_source'
    [ce_id: '1', ce_source: '']                    || 'ce_source'
    [ce_id: '1', ce_source: ' ']                   || 'ce_source'
    [ce_id: '1', ce_source: '/a b']                || 'ce_source'
    [ce_id: ' ', ce_source: '/a']                  || 'blank'
    [ce_id: '1', ce_source: '/' + 'a' * 1024]      || 'at most 1024 bytes'
    ['event-id': ' ', ce_id: '1', ce_source: '/a'] || 'blank'
  }

  def "a field id that cannot be told apart is refused: #value"() {
    expect:
    refusal(['field:id', 'key'], record(0, 'k', value)).contains(why)

    where:
    value                                                              || why
    '{"id":"a","id":"b"}'                                              || 'twice'
    '{"id":"a","x":{},"id":"a"}'                                       || 'twice'
    '{"id":null,"id":"b"}'                                             || 'twice'
    '{"id":"a","\\u0069d":"b"}'                                        || 'twice'
    '{"id":1.0}'                                                       || 'whole number'
    '{"id":1e2}'                                                       || 'whole number'
    '{"id":true}'                                                      || 'whole number'
    '{"id":"a","broken'                                                || 'one JSON document'
    '{"id":"a"} {"id":"b"}'                                            || 'one JSON document'
    '{"id":"a"} xyz'                                                   || 'one JSON document'
    '{"id":"\\ud800"}'                                                 || 'not UTF-8'
    '{"id":"  "}'                                                      || 'blank'
    around([0xC0, 0xAF]) || 'UTF-8'
    around([0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]) || 'UTF-8'
  }

  static final STRUCTURED = ['content-type': 'application/cloudevents+json; charset=UTF-8']

  def "a CloudEvent in structured mode has its source and id inside: #value"() {
    expect:
    find(DEFAULTS, record(0, 'k', value, headers)) == id

    where:
    headers                                                      | value                                  || id
    STRUCTURED                                                   | '{"id":"1","source":"/a"}'             || '/a 1'
    ['content-type': 'Application/CloudEvents+JSON']             | '{"id":"1","source":"/a"}'             || '/a 1'
    STRUCTURED + [ce_id: '2', ce_source: '/b']                   | '{"id":"1","source":"/a"}'             || '/b 2'
    STRUCTURED + ['event-id': 'e']                               | '{"id":"1","source":"/a"}'             || 'e'
    STRUCTURED                                                   | '{"source":"/a","data":{"id":"1"}}'    || null
    STRUCTURED                                                   | 'no JSON'                              || null
    STRUCTURED                                                   | null                                   || null
    ['content-type': 'application/cloudevents-batch+json']       | '{"id":"1","source":"/a"}'             || null
    ['content-type': 'application/json']                         | '{"id":"1","source":"/a"}'             || null
    [:]                                                          | '{"id":"1","source":"/a"}'             || null
  }

  def "a CloudEvent in structured mode that cannot be told from another is refused: #value"() {
    expect:
    refusal(DEFAULTS, record(0, 'k', value, STRUCTURED)).contains(why)

    where:
    value                                          || why
    '{"id":"1"}'                                   || 'no source'
    '{"id":"1","source":""}'                       || 'no source'
    '{"id":"1","source":"/a b"}'                   || 'no source'
    '{"id":" ","source":"/a"}'                     || 'blank'
    '{"id":"1","source":"/a","id":"2"}'            || 'twice'
    '{"id":"1","source":"/a","source":"/b"}'       || 'twice'
    '{"id":"1","source":1.5}'                      || 'whole number'
    '{"id":"1","source":"/a"} {}'                  || 'one JSON document'
  }
}
