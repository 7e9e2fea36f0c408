package io.exactlyonce.engine

import spock.lang.Specification

import static io.exactlyonce.engine.Records.record

class EventIdsSpec extends Specification {

  static final DEFAULTS = ['header:event-id', 'header:ce_id']

  static String find(List<String> places, record) {
    def found = EventIds.of(places, { null }).find(record)
    found == null ? null : new String(found, 'UTF-8')
  }

  def "by default the id is in the header event-id, else in CloudEvents' ce_id: #headers"() {
    expect:
    find(DEFAULTS, record(0, 'k', 'v', headers)) == id

    where:
    headers                        || id
    ['event-id': 'a']              || 'a'
    ['ce_id': 'b']                 || 'b'
    ['ce_id': 'b', 'event-id': 'a'] || 'a'
    ['event-id': '', 'ce_id': 'b'] || 'b'
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
    def empty = record(0, 'k', 'v', [ce_id: 'b'])
    empty.headers().add('event-id', null)

    expect:
    find(DEFAULTS, empty) == 'b'
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
    '{"id":"a","broken'                           || 'a'
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
    'a control character'      | [0x09]                          || true
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
}
