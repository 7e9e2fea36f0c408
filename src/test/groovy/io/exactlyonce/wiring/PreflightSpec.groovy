package io.exactlyonce.wiring

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.local.AnotherServer
import io.exactlyonce.local.BackendsSpec
import io.micronaut.context.ApplicationContext

/** What is wrong in the configuration is one line without secrets, before any bean is made of it. */
class PreflightSpec extends BackendsSpec {

  static final String JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hunter22"'
  static final Map SASL = ['kafka.security.protocol': 'SASL_PLAINTEXT', 'kafka.sasl.mechanism': 'PLAIN']

  def "an address of Redis that is none is told, and its password is not: #uri"() {
    when:
    check(['redis.uri': uri])

    then:
    def wrong = thrown(ConfigurationException)
    wrong.message.startsWith('redis.uri = ')
    wrong.message.contains(remedy)
    oneLineWithoutSecret(wrong)

    where:
    uri                                  || remedy
    'redis://:hunter22 x@localhost:6379' || 'a space %20'
    'redis://:hunter22#x@localhost:6379' || '# is %23'
    'redis://:hunter22/x@localhost:6379' || '/ is %2F'
    'redis://:hunter22@x@localhost:6379' || '@ is %40'
    'redis://:hunter22%x@localhost:6379' || '% is %25'
    'redis://:hunter22^x@localhost:6379' || 'percent-encoded'
    'redis://:hunter22@localhost:6379\n' || 'white space or a line end around it; remove it'
    ' redis://:hunter22@localhost:6379'  || 'white space'
    ':hunter22@localhost:6379'           || 'write redis://HOST:PORT'
    'http://:hunter22@localhost:6379'    || 'write redis://HOST:PORT'
    'redis://:hunter22@localhost:66379'  || 'no port up to 65535'
    'redis://'                           || 'redis://'
    'localhost:6379'                     || 'redis.uri = localhost:6379: it begins with none of'
  }

  def "a setting that a client refuses is told by its key: #settings"() {
    when:
    check(settings)

    then:
    def wrong = thrown(ConfigurationException)
    wrong.message.startsWith(says)
    oneLineWithoutSecret(wrong)

    where:
    settings                                                         || says
    ['kafka.bootstrap.servers': 'localhost:9092,']                   || 'kafka.bootstrap.servers = localhost:9092,: it is empty, begins or ends with a comma'
    ['kafka.bootstrap.servers': 'localhost']                         || "kafka.bootstrap.servers = localhost: 'localhost' is no HOST:PORT"
    ['kafka.bootstrap.servers': 'localhost:99999']                   || "kafka.bootstrap.servers = localhost:99999: 'localhost:99999' has no port from 1 to 65535"
    ['kafka.bootstrap.servers': 'PLAINTEXT://localhost:9092']        || 'kafka.bootstrap.servers = PLAINTEXT://'
    ['kafka.bootstrap.servers': '']                                  || 'kafka.bootstrap.servers = : '
    ['pipelines.payments.producer.linger.ms': '60000']               || 'pipelines.payments.producer.linger.ms = 60000: Kafka'
    ['pipelines.payments.producer.linger.ms': 'soon']                || 'pipelines.payments.producer.linger.ms = soon: Kafka'
    ['pipelines.payments.producer.max.request.size': 'x']            || 'pipelines.payments.producer.max.request.size = x: Kafka'
    ['pipelines.payments.consumer.fetch.max.bytes': 'much']          || 'pipelines.payments.consumer.fetch.max.bytes = much: Kafka'
    ['pipelines.payments.comit-interval': '1s']                      || 'pipelines.payments.comit-interval = (unknown): '
    ['kafka.security.protocol': 'TLS']                               || 'kafka.security.protocol = TLS: Kafka'
    ['kafka.retry.backoff.ms': 'x']                                  || 'kafka.retry.backoff.ms = x: Kafka'
    SASL + ['kafka.sasl.jaas.config': JAAS]                          || 'kafka.sasl.jaas.config = ***: Kafka'
    SASL + ['kafka.sasl.jaas.config': "no.such.Module required password=hunter22;"] || 'kafka.sasl.jaas.config = ***: Kafka'
    SASL                                                             || 'sasl.jaas.config = (not set): Kafka'
    ['kafka.security.protocol': 'SSL', 'kafka.ssl.truststore.location': '/no/such.jks', 'kafka.ssl.truststore.password': 'hunter22'] || 'kafka.ssl.truststore.location = /no/such.jks: Kafka'
    ['kafka.security.protocol': 'SSL', 'kafka.ssl.keystore.type': 'PEM', 'kafka.ssl.keystore.key': '-----BEGIN hunter22', 'kafka.ssl.keystore.certificate.chain': 'hunter22'] || 'kafka.ssl.keystore.'
  }

  def "what is right passes, and so does what is away: #what"() {
    when:
    check(settings)

    then:
    noExceptionThrown()

    where:
    what                    | settings
    'all is there'          | [:]
    'white space in a list' | ['kafka.bootstrap.servers': ' 127.0.0.1:1 , 127.0.0.1:2\n']
    'Redis is away'         | ['redis.uri': 'redis://user:p%40ss@127.0.0.1:1/3']
    'names are away'        | ['kafka.bootstrap.servers': 'no-such-host.invalid:9092']
    'sentinels'             | ['redis.uri': 'redis-sentinel://:pass@127.0.0.1:1,127.0.0.1:2/0#primary']
    'nodes of a cluster'    | ['redis.uris': ['redis://127.0.0.1:1', 'redis://127.0.0.1:2']]
  }

  def "of several addresses of Redis each is checked"() {
    when:
    check(['redis.uris': ['redis://127.0.0.1:1', 'redis://:hunter22#@127.0.0.1:2']])

    then:
    def wrong = thrown(ConfigurationException)
    wrong.message.startsWith('redis.uris = ***: ')
    oneLineWithoutSecret(wrong)
  }

  def "what answers and is no Redis is told by the key that names it: #key"() {
    given:
    def other = new AnotherServer()

    when:
    check([(key): value(other.address())])

    then:
    def wrong = thrown(ConfigurationException)
    wrong.message.startsWith("$key = ***: ")
    wrong.message.contains('does not speak Redis but HTTP')
    oneLineWithoutSecret(wrong)

    cleanup:
    other?.close()

    where:
    key          | value
    'redis.uri'  | { "redis://:hunter22@$it".toString() }
    'redis.uris' | { ["redis://:hunter22@$it".toString()] }
  }

  private void check(Map<String, Object> settings) {
    def all = ['kafka.bootstrap.servers': bootstrapServers, 'redis.uri': redisUri, 'pipelines.payments.source': 'payments'] + settings
    ApplicationContext.builder().deduceEnvironment(false).properties(all).build().withCloseable { Preflight.check(it) }
  }

  private static boolean oneLineWithoutSecret(ConfigurationException wrong) {
    assert wrong.message.readLines().size() == 1
    assert !wrong.message.contains('hunter22')
    for (def cause = wrong.cause; cause != null; cause = cause.cause) {
      assert !"$cause".contains('hunter22')
    }
    true
  }
}
