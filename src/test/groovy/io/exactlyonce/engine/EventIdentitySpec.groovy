package io.exactlyonce.engine

import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.Tag

/** Which records are one event, as a running pipeline decides it: two are never merged that could be two. */
class EventIdentitySpec extends PipelineSpec {

  /** All in one partition, so that their order is theirs. */
  ProducerRecord<byte[], byte[]> event(Map<String, String> headers, String value) {
    new ProducerRecord<>(source, 0, 'k'.bytes, value.getBytes('UTF-8'), headers.collect { k, v -> new RecordHeader(k, v.getBytes('UTF-8')) })
  }

  /** Of each dead letter its reason. */
  List<String> reasons() {
    readCommitted("$name" + '.dead-letters').sort { it.offset() }.collect { header(it, 'dead-letter-reason') }
  }

  long duplicates() {
    receipts()*.spans().flatten().sum { it.duplicates().size() } as long
  }

  @Tag('long')
  def "by default one ce_id of two sources is two events, and one of one source is one"() {
    given:
    run()

    when:
    produce([event('a1', ce_source: '/a', ce_id: '1'), event('b1', ce_source: '/b', ce_id: '1'), event('a2', ce_source: '/a', ce_id: '2'),
             event('a1 again', ce_source: '/a', ce_id: '1'), event('b1 again', ce_source: '/b', ce_id: '1')])
    awaitDrained()

    then:
    visible() == ['a1', 'a2', 'b1']
    duplicates() == 2
    reasons().empty
    guarantees.receiptsJoin()
  }

  @Tag('long')
  def "with header:ce_id the id alone counts, as the manual says"() {
    given:
    run('guard.event-id': 'header:ce_id')

    when:
    produce([event('a1', ce_source: '/a', ce_id: '1'), event('b1', ce_source: '/b', ce_id: '1')])
    awaitDrained()

    then:
    visible() == ['a1']
    duplicates() == 1
  }

  @Tag('long')
  def "headers that do not tell an event apart are refused, each with its reason, and the next goes on: #first and #second"() {
    given:
    run()

    when:
    produce([event(first, 'one'), event(second, 'two'), event('good', 'event-id': 'good')])
    awaitDrained()

    then:
    visible() == ['good']
    reasons().size() == 2
    reasons().every { it.contains(why) }
    duplicates() == 0
    guarantees.receiptsJoin()

    where:
    first                               | second                              || why
    ['event-id': ' ']                   | ['event-id': '\u00a0']              || 'the event id is blank'
    [ce_source: '/a', ce_id: ' ']       | [ce_source: '/b', ce_id: '\t']      || 'the event id is blank'
    [ce_id: '1']                        | [ce_id: '2']                        || 'has no source beside it (ce_id and ce_source'
    [ce_source: '/a b', ce_id: '1']     | [ce_source: '/a', ce_id: '']        || 'event'
  }

  @Tag('long')
  def "field ids that cannot be told apart are refused, each with its reason, and the next goes on: #first and #second"() {
    given:
    run('guard.event-id': 'field:id')

    when:
    produce([event([:], first), event([:], second), event([:], '{"id":"good"}')])
    awaitDrained()

    then:
    visible() == ['{"id":"good"}']
    reasons().size() == 2
    reasons().every { it.contains(why) }
    duplicates() == 0
    guarantees.receiptsJoin()

    where:
    first                    | second                   || why
    '{"id":"\\ud800"}'       | '{"id":"\\ud801"}'       || 'not UTF-8 text'
    '{"id":"a","id":"b"}'    | '{"id":"b","id":"a"}'    || 'has the field of the event id twice'
    '{"id":"  "}'            | '{"id":"\\u2003"}'       || 'the event id is blank'
    '{"id":1.0}'             | '{"id":true}'            || 'neither a text nor a whole number'
    '{"id":"a"} {"id":"b"}'  | '{"id":"a"} xyz'         || 'not one JSON document'
  }

  @Tag('long')
  def "a number and the text of it are one field id, as the manual says"() {
    given:
    run('guard.event-id': 'field:id')

    when:
    produce([event([:], '{"id":17}'), event([:], '{"id":"17"}')])
    awaitDrained()

    then:
    visible() == ['{"id":17}']
    duplicates() == 1
  }
}
