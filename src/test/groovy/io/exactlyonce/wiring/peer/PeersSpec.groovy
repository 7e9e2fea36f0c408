package io.exactlyonce.wiring.peer

import com.sun.net.httpserver.HttpServer
import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import io.exactlyonce.guard.redis.RedisServers
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.local.LocalTls
import io.lettuce.core.RedisURI
import spock.lang.Shared
import spock.lang.Tag

import java.security.KeyStore
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext

/** Who listens at an address is found out before a client takes an answer for what it is not. */
class PeersSpec extends BackendsSpec {

  @Shared
  HttpServer web = HttpServer.create(new InetSocketAddress('127.0.0.1', 0), 0)
  @Shared
  HttpsServer secureWeb = HttpsServer.create(new InetSocketAddress('127.0.0.1', 0), 0)
  @Shared
  ServerSocket mute = new ServerSocket(0, 50, InetAddress.getByName('127.0.0.1'))

  def setupSpec() {
    def tls = LocalTls.create()
    def store = KeyStore.getInstance('PKCS12')
    tls.trustStore().toFile().withInputStream { store.load(it, LocalTls.PASSWORD.toCharArray()) }
    def keys = KeyManagerFactory.getInstance(KeyManagerFactory.defaultAlgorithm)
    keys.init(store, LocalTls.PASSWORD.toCharArray())
    def context = SSLContext.getInstance('TLS')
    context.init(keys.keyManagers, null, null)
    secureWeb.httpsConfigurator = new HttpsConfigurator(context)
    web.start()
    secureWeb.start()
  }

  def cleanupSpec() {
    web.stop(0)
    secureWeb.stop(0)
    mute.close()
  }

  @Tag('long')
  def "an address that is Kafka's is left alone, and so is one that does not answer: #what"() {
    expect:
    Peers.notKafka(['bootstrap.servers': address(this), 'security.protocol': protocol]).empty

    where:
    what              | protocol         | address
    'Kafka'           | 'PLAINTEXT'      | { it.bootstrapServers }
    'nobody'          | 'PLAINTEXT'      | { "127.0.0.1:${LocalPorts.free(1)[0]}".toString() }
    'nobody, TLS'     | 'SSL'            | { "127.0.0.1:${LocalPorts.free(1)[0]}".toString() }
    'one that is mute' | 'PLAINTEXT'     | { "127.0.0.1:${it.mute.localPort}".toString() }
    'no such name'    | 'SASL_PLAINTEXT' | { 'no-such-host.invalid:9092' }
  }

  @Tag('long')
  def "an address that is not Kafka's is told with the remedy, among others too: #what"() {
    when:
    def servers = (good ? "$bootstrapServers,".toString() : '') + address(this)
    def wrong = Peers.notKafka(['bootstrap.servers': servers, 'security.protocol': protocol])

    then:
    wrong.get().startsWith(address(this))
    wrong.get().contains(says)

    where:
    what                | good  | protocol    | address                                   || says
    'a web server'      | false | 'PLAINTEXT' | { "127.0.0.1:${it.web.address.port}" }       || 'does not speak Kafka but HTTP (a web server) without TLS; name the address of a Kafka broker'
    'behind a good one' | true  | 'PLAINTEXT' | { "127.0.0.1:${it.web.address.port}" }       || 'does not speak Kafka but HTTP'
    'Redis'             | false | 'PLAINTEXT' | { "127.0.0.1:${RedisURI.create(it.redisUri).port}" } || 'does not speak Kafka but Redis'
    'TLS web, in TLS'   | false | 'SSL'       | { "127.0.0.1:${it.secureWeb.address.port}" } || 'does not speak Kafka but HTTP (a web server) in TLS'
    'TLS, asked without' | false | 'PLAINTEXT' | { "127.0.0.1:${it.secureWeb.address.port}" } || 'TLS'
    'web, asked in TLS' | false | 'SASL_SSL'  | { "127.0.0.1:${it.web.address.port}" }       || 'does not speak Kafka but HTTP'
    'Kafka, asked in TLS' | false | 'SSL'     | { it.bootstrapServers }                      || 'speaks Kafka without TLS; set security.protocol to PLAINTEXT'
  }

  @Tag('long')
  def "an address that is not Redis' is told with the remedy: #what"() {
    when:
    def wrong = Peers.notRedis(new RedisServers.Primary(RedisURI.create(uri(this).toString())))

    then:
    wrong.orElse('').contains(says)
    wrong.present == !says.empty

    where:
    what            | uri                                                   || says
    'Redis'         | { it.redisUri }                                       || ''
    'nobody'        | { "redis://127.0.0.1:${LocalPorts.free(1)[0]}" }      || ''
    'Kafka'         | { "redis://${it.bootstrapServers}" }                  || 'does not speak Redis but Kafka'
    'a web server'  | { "redis://127.0.0.1:${it.web.address.port}" }        || 'does not speak Redis but HTTP'
    'TLS web'       | { "rediss://127.0.0.1:${it.secureWeb.address.port}" } || 'does not speak Redis but HTTP'
    'Redis, in TLS' | { it.redisUri.replace('redis:', 'rediss:') }          || 'speaks Redis without TLS; write redis://'
  }
}
