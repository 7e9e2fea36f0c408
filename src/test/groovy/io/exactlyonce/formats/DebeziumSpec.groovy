package io.exactlyonce.formats

import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import io.exactlyonce.readme.DebeziumIds
import io.exactlyonce.wiring.StartedPipeline

/** The manual's handler of Debezium's changes, in JSON without schemas. */
class DebeziumSpec extends FormatSpec {

  static final DebeziumIds IDS = new DebeziumIds()

  StartedPipeline run(Map<String, String> more = [:]) {
    start('relayed-customers', [sinks: 'rows', 'guard.event-id': "class:${DebeziumIds.name}".toString(), tombstones: 'skip'] + more)
  }

  static byte[] change(String op, long lsn, Map before, Map after, Map source = [:]) {
    JsonOutput.toJson([before: before, after: after, op: op, ts_ms: 1700000000000,
                       source: [version: '3.0.0.Final', connector: 'postgresql', name: 'shop', ts_ms: 1700000000000, snapshot: 'false', db: 'shop',
                                schema: 'public', table: 'customers', txId: 555, lsn: lsn] + source]).bytes
  }

  static String id(byte[] key, byte[] change) {
    IDS.find(key, change, [])
  }

  def "rows that are created, updated and deleted are the newest value of their key; what is sent again is a duplicate"() {
    given:
    def key = '{"id":7}'.bytes
    def created = change('c', 100, null, [id: 7, email: 'a@b'])
    def deleted = change('d', 120, [id: 7, email: 'c@d'], null)
    def started = run()

    when: 'the connector crashed behind the deletion, and begins again at the creation'
    2.times {
      send(key, created, partition: 0)
      send(key, change('u', 110, [id: 7, email: 'a@b'], [id: 7, email: 'c@d']), partition: 0)
      send(key, deleted, partition: 0)
      send(key, null, partition: 0)
    }
    send(key, change('t', 130, null, null), partition: 0)

    then:
    def counters = started.pipeline().counters()
    await(BOUND) { assert counters.processed.sum() + counters.skipped.sum() + counters.duplicates.sum() == 9 }
    outputs('rows').collect { it.value() == null ? null : new JsonSlurper().parse(it.value()) } == [[id: 7, email: 'a@b'], [id: 7, email: 'c@d'], null]
    outputs('rows').every { new String(it.key()) == '{"id":7}' }
    counters.duplicates.sum() == 3
    counters.skipped.sum() == 3
    letters() == []
  }

  def "a change's id is its place in the database's log: #what has another"() {
    expect:
    id('1'.bytes, change('c', 100, null, [id: 1])) == id('1'.bytes, change('c', 100, null, [id: 1], [ts_ms: 1]))
    id('1'.bytes, change('c', 100, null, [id: 1])) != id(key.bytes, other)

    where:
    what                          | key | other
    'another change'              | '1' | change('c', 101, null, [id: 1])
    'a key that was changed'      | '1' | change('d', 100, [id: 1], null)
    'another row of the snapshot' | '2' | change('c', 100, null, [id: 2])
    'another table'               | '1' | change('c', 100, null, [id: 1], [table: 'orders'])
    'another database'            | '1' | change('c', 100, null, [id: 1], [name: 'warehouse'])
  }
}
