package io.exactlyonce.cli

import groovy.json.JsonSlurper
import io.exactlyonce.local.Await
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Tag

/** What the application writes with LOG_FORMAT=json, from its first line to its last. */
class JsonLogSpec extends ServingSpec {

  @Tag('long')
  def "each line is an object, and those of workers and of records say whose they are"() {
    given: 'a record that has no event id, which is a dead letter'
    String source = unique('json')
    createTopic(source)
    serve(['pipelines.relay.source': source, 'pipelines.relay.sinks': unique('json-out'), 'pipelines.relay.instance-id': 'i'], [LOG_FORMAT: 'json'])
    awaitReady()
    produce([new ProducerRecord<byte[], byte[]>(source, 'k'.bytes, 'no id'.bytes)])
    awaitSaid('dead letter')

    when:
    process.destroy()
    assert Await.within(BOUND) { !process.alive }
    def lines = log.toFile().readLines().findAll { it.startsWith('{') }.collect { new JsonSlurper().parseText(it) }
    def letter = lines.find { it.formattedMessage.contains('dead letter') }

    then: 'nothing but what Micronaut and the JVM print themselves is no object'
    log.toFile().readLines().findAll { !it.startsWith('{') && it =~ /INFO|WARN|ERROR/ } == []
    lines.size() > 3
    lines.every { it.level && it.formattedMessage != null }
    letter.mdc == [pipeline: 'relay', worker: 'relay-i-0']
    letter.kvpList == [[position: "$source-0@0".toString()]]
  }
}
