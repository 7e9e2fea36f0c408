package io.exactlyonce.formats

import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import io.exactlyonce.wiring.StartedPipeline
import org.apache.kafka.common.header.internals.RecordHeaders

/** CloudEvents over Kafka in structured mode, and mixed with binary mode: an event is its source and its id. */
class CloudEventsSpec extends FormatSpec {

  StartedPipeline run() {
    start('relayed-seats', [sinks: 'seats'])
  }

  void structured(String source, String id, String seat) {
    send(null, JsonOutput.toJson([specversion: '1.0', type: 'seat.taken', source: source, id: id, datacontenttype: 'application/json', data: [flight: 'X1', seat: seat]]).bytes,
        headers: new RecordHeaders().add('content-type', 'application/cloudevents+json; charset=UTF-8'.bytes), partition: 0)
  }

  def "of events in structured mode the same source and id are a duplicate, and the handler gets attributes and data"() {
    given:
    def started = run()

    when:
    structured('/a', 'bc', '1A')
    structured('/ab', 'c', '2A')
    structured('/a', 'bc', '1A')

    then:
    def counters = started.pipeline().counters()
    await(BOUND) { assert counters.processed.sum() + counters.duplicates.sum() == 3 }
    outputs('seats').collect { new JsonSlurper().parse(it.value()) }*.seat.toSet() == ['1A', '2A'].toSet()
    outputs('seats').collect { text(it, 'event-id') }.toSet() == ['/a bc/0', '/ab c/0'].toSet()
    counters.duplicates.sum() == 1
    letters() == []
  }
}
