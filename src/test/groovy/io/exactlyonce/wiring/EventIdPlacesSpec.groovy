package io.exactlyonce.wiring

import io.exactlyonce.cli.AuditCommand
import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.readme.OrderIds
import io.lettuce.core.RedisClient
import picocli.CommandLine
import spock.lang.Tag

/** Event ids by a class of the user's, everywhere where event ids are looked for. */
class EventIdPlacesSpec extends PipelineSpec {

  static final String BY_CLASS = "class:$OrderIds.name"

  @Tag('long')
  def "ids that a class finds tell duplicates, also when claims are rebuilt; what it cannot read is a dead letter"() {
    given:
    run('guard.event-id': BY_CLASS)
    produce([record('7;first', id: null, partition: 0), record('7;again', id: null, partition: 1), record('8;x', id: null, partition: 2)])
    awaitDrained()

    when: 'Redis lost all'
    forget()
    produce([record('7;late', id: null, partition: 2), record('no semicolon', id: null, partition: 0), record('9;y', id: null, partition: 0)])
    awaitDrained()

    then:
    visible()*.replaceAll(';.*', '') == ['7', '8', '9']
    readCommitted("$name" + '.dead-letters').collect { header(it, 'dead-letter-reason') } == ['the class of guard.event-id threw at this record']

    and: 'the audit finds the same ids; by others the duplicates are none'
    audited('--event-id', BY_CLASS) == 0
    audited('--event-id', 'key') == 1
  }

  @Tag('long')
  def "outputs have the headers that are configured, and none that is off; the audit is told likewise"() {
    given:
    run('headers.event-id': id, 'headers.source-position': from)
    produce((0..<20).collect { record("v$it", partition: it % 3) } + [record('v0', partition: 1)])
    awaitDrained()

    expect:
    readCommitted(sink).size() == 20
    readCommitted(sink).every { it.headers()*.key() == names }
    audited('--event-id-header', id, '--source-position-header', from) == 0

    where:
    id    | from  || names
    'nid' | 'src' || ['nid', 'src']
    'off' | 'src' || ['src']
    'nid' | 'off' || ['nid']
    'off' | 'off' || []
  }

  def "#place cannot find event ids, and it is said why"() {
    when:
    EventIdPlaces.of(PipelineConfig.parse('p', [source: 'in', 'guard.event-id': "class:$place".toString()], 'spec'))

    then:
    def refused = thrown(ConfigurationException)
    refused.message.startsWith('pipelines.p.guard.event-id = ')
    refused.message.contains(says)

    where:
    place                 || says
    'no.such.Class'       || 'name a class with a public constructor without arguments'
    'java.util.ArrayList' || 'does not implement io.exactlyonce.handler.EventIdFinder'
  }

  private int audited(String... more) {
    new CommandLine(new AuditCommand()).execute(
        '--bootstrap-servers', bootstrapServers, '--group', name, '--source', source, '--sinks', sink, *more)
  }

  private void forget() {
    def client = RedisClient.create(redisUri)
    try {
      def redis = client.connect().sync()
      redis.del(redis.keys("{eo:$name}*".toString()) as String[])
    } finally {
      client.shutdown()
    }
  }
}
