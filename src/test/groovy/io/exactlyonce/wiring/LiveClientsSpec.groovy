package io.exactlyonce.wiring

import io.exactlyonce.config.ClientConfigs
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.spi.PipelineClients
import io.exactlyonce.eventid.EventIds
import io.exactlyonce.guard.ClaimLog
import io.exactlyonce.local.AnotherServer
import io.exactlyonce.wiring.client.OpenClients
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.config.ConfigException
import org.apache.kafka.common.errors.NetworkException
import spock.lang.Specification

/** Kafka's own constructors, for they alone tell how they fail. */
class LiveClientsSpec extends Specification {

  /** RFC 6761: it never resolves. */
  static final String NOWHERE = 'broker.invalid:9092'

  static PipelineClients clients(String bootstrapServers, Map<String, String> settings = [:], Map<String, Object> kafka = [:]) {
    def config = PipelineConfig.parse('p', [source: 'in', sinks: 'out', 'guard.store': 'off'] + settings, 'test')
    new LiveClients(new ClientConfigs(config, ['bootstrap.servers': bootstrapServers] + kafka),
        EventIds.of([], { null }), null, new OpenClients())
  }

  def "a name that cannot be resolved is no wrong setting of #what: it is tried again"() {
    when:
    make(clients(NOWHERE))

    then:
    def e = thrown(NetworkException)
    e.message.contains("bootstrap.servers = $NOWHERE")
    e.cause == null

    where:
    what                         | make
    'a consumer'                 | { PipelineClients c -> c.consumer(0) }
    'a consumer of KIP-848'      | { PipelineClients c -> clients(NOWHERE, ['group-protocol': 'consumer']).consumer(0) }
    'a transactional producer'   | { PipelineClients c -> c.transactionalProducer(0, 'a') }
    'a plain producer'           | { PipelineClients c -> c.plainProducer(0) }
    'a reader'                   | { PipelineClients c -> c.reader() }
    'an admin'                   | { PipelineClients c -> c.admin() }
  }

  def "neither is one of which the canonical name is wanted, where one that is missing is enough"() {
    when:
    clients("localhost:1,$NOWHERE", [:], ['client.dns.lookup': 'resolve_canonical_bootstrap_servers_only']).transactionalProducer(0, 'a')

    then:
    thrown(NetworkException)
  }

  def "an address that is none is a wrong setting"() {
    when:
    clients('broker.invalid').consumer(0)

    then:
    def e = thrown(KafkaException)
    e.cause instanceof ConfigException
  }

  def "one name of several is enough"() {
    expect:
    clients("$NOWHERE,localhost:1").admin().close()
  }

  def "#what is not made where another server listens, which a client would take for a broker"() {
    given:
    def other = new AnotherServer()

    when:
    make(clients(other.address()))

    then:
    def e = thrown(NetworkException)
    e.message.contains("${other.address()} does not speak Kafka but HTTP")

    cleanup:
    other.close()

    where:
    what                         | make
    'a consumer'                 | { PipelineClients c -> c.consumer(0) }
    'a transactional producer'   | { PipelineClients c -> c.transactionalProducer(0, 'a') }
    'a plain producer'           | { PipelineClients c -> c.plainProducer(0) }
    'a reader'                   | { PipelineClients c -> c.reader() }
    'an admin'                   | { PipelineClients c -> c.admin() }
  }

  def "the log of claims makes no client where another server listens: #what"() {
    given:
    def other = new AnotherServer()
    def config = PipelineConfig.parse('p', [source: 'in', sinks: 'out'], 'test')
    def log = ClaimLogs.create(new ClientConfigs(config, ['bootstrap.servers': other.address()]))

    when:
    ask(log)

    then:
    def e = thrown(NetworkException)
    e.message.contains('does not speak Kafka but HTTP')

    cleanup:
    other.close()

    where:
    what                          | ask
    'whether there are any'       | { ClaimLog claims -> claims.isEmpty() }
    'the generation is read'      | { ClaimLog claims -> claims.newest() }
    'a generation is announced'   | { ClaimLog claims -> claims.announce { it } }
    'the claims are read'         | { ClaimLog claims -> claims.replay { key, position -> } }
  }
}
