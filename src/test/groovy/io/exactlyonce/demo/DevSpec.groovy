package io.exactlyonce.demo

import io.exactlyonce.local.Await
import io.exactlyonce.local.KafkaHelper
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.local.TopicReader
import io.lettuce.core.RedisClient
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Specification
import spock.lang.Tag
import spock.lang.TempDir

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import java.time.Duration

/** mvn -Pdev: what Kafka and Redis hold is there again after a restart, at the same ports, and a debugger finds its door. */
class DevSpec extends Specification {

  static final Duration BOUND = Duration.ofSeconds(90)

  @TempDir
  Path dir

  def ports = new DevPorts(*LocalPorts.free(4))

  @Tag('long')
  def "topics and keys are kept from one start to the next, and the application answers beside a debugger's port"() {
    when:
    started { Dev dev ->
      kafka { it.createTopic('kept', 3, [:]); it.produce([new ProducerRecord<>('kept', 'before'.bytes, 'before'.bytes)]) }
      redis { it.set('kept', 'before') }
      def application = dev.startApplication()
      Await.until(BOUND) { assert application.alive && isLive() }
      new Socket('127.0.0.1', ports.debug()).withCloseable { socket ->
        socket.outputStream.write('JDWP-Handshake'.bytes)
        assert new String(socket.inputStream.readNBytes('JDWP-Handshake'.length())) == 'JDWP-Handshake'
      }
    }

    then:
    !isLive()

    when:
    started {
      kafka { it.produce([new ProducerRecord<>('kept', 'after'.bytes, 'after'.bytes)]) }
      assert values('kept') == ['before', 'after'] as Set
      redis { assert it.get('kept') == 'before' }
    }

    then:
    noExceptionThrown()
  }

  def "a port that is taken is said with the option that gives another"() {
    given:
    def server = new ServerSocket(ports.redis(), 1, InetAddress.loopbackAddress)

    when:
    new Dev(ports, dir).startBackends()

    then:
    def refused = thrown(IOException)
    refused.message == "Port ${ports.redis()} is taken: stop what listens there, or give another, -Dredis-port="

    cleanup:
    server.close()
  }

  def "-D#key=#text is no port"() {
    when:
    DevPorts.of(new Properties().tap { setProperty(key, text) })

    then:
    def refused = thrown(IllegalArgumentException)
    refused.message == "-D$key=$text: write a port, 1 to 65535"

    where:
    key           | text
    'kafka-port'  | '0'
    'redis-port'  | '65536'
    'server-port' | 'web'
    'debug-port'  | '-1'
  }

  def "without an option the ports are those that the application expects"() {
    expect:
    DevPorts.of(new Properties()) == new DevPorts(9092, 6379, 8080, 5005)
  }

  void started(Closure actions) {
    new Dev(ports, dir).withCloseable { dev ->
      dev.startBackends()
      actions(dev)
    }
  }

  void kafka(Closure actions) {
    new KafkaHelper("127.0.0.1:${ports.kafka()}").withCloseable(actions)
  }

  Set<String> values(String topic) {
    new TopicReader("127.0.0.1:${ports.kafka()}", 'read_committed').readToEnd(topic).collect { new String(it.value()) }.toSet()
  }

  void redis(Closure actions) {
    def client = RedisClient.create("redis://127.0.0.1:${ports.redis()}")
    client.connect().withCloseable { actions(it.sync()) }
    client.shutdown(0, 1, java.util.concurrent.TimeUnit.SECONDS)
  }

  boolean isLive() {
    try {
      def request = HttpRequest.newBuilder(ports.address().resolve('/health/liveness')).timeout(Duration.ofSeconds(2)).build()
      HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200
    } catch (IOException away) {
      false
    }
  }
}
