package io.exactlyonce.wiring.serde

import io.exactlyonce.engine.spi.Backend
import org.apache.kafka.common.errors.SerializationException
import org.apache.kafka.common.errors.TimeoutException
import spock.lang.Specification

import java.net.http.HttpConnectTimeoutException
import java.nio.channels.ClosedChannelException
import java.time.Duration
import java.util.concurrent.CountDownLatch
import javax.net.ssl.SSLHandshakeException

/** Calls of (de)serializers: what of what they throw is an outage, and how long they may take. */
class SerdeCallsSpec extends Specification {

  static final String ASKED = 'the schema registry at http://r'

  /** An application's own. */
  static class Away extends RuntimeException {}

  static class FarAway extends Away {}

  SerdeCalls calls(Duration limit = Duration.ZERO) {
    new SerdeCalls('orders', limit, new Outages([Away.name]))
  }

  def "#cause.class.name says that what was asked is away, also as a cause, and the message holds no value"() {
    when:
    calls().call(ASKED, { throw new SerializationException('value 17 cannot be read', cause) })

    then:
    def e = thrown(Backend.UnreachableException)
    e.message == "$ASKED is away: ${cause.class.name}; the pipeline orders continues by itself after an answer"

    where:
    cause << [new ConnectException('no'), new SocketTimeoutException(), new UnknownHostException(), new ClosedChannelException(),
              new SSLHandshakeException('no'), new HttpConnectTimeoutException('no'), new java.util.concurrent.TimeoutException(),
              new TimeoutException(), new Away(), new FarAway()]
  }

  def "#own.class.name is the record's own, and is thrown on as it is"() {
    when:
    calls().call(ASKED, { throw own })

    then:
    def e = thrown(Throwable)
    e.is(own)

    where:
    own << [new SerializationException('no'), new EOFException(), new IOException('no'), new IllegalStateException('no'), new StackOverflowError()]
  }

  def "causes that go round in a circle end the search"() {
    given:
    def a = new IllegalStateException('a')
    a.initCause(new IllegalStateException('b', a))

    when:
    calls().call(ASKED, { throw a })

    then:
    thrown(IllegalStateException)
  }

  def "a call that takes longer than the limit is interrupted as often as it goes on, and counts as an outage"() {
    given:
    def held = calls(Duration.ofMillis(50)).tap { it.watch() }
    int tries = 0

    when:
    held.call(ASKED, {
      while (tries++ < 3) {
        try {
          new CountDownLatch(1).await()
        } catch (InterruptedException again) {
          // as a serializer that tries again
        }
      }
      throw new IllegalStateException('given up')
    })

    then:
    def e = thrown(Backend.UnreachableException)
    e.message.startsWith("$ASKED has not answered within registry.timeout (50ms)")
    !Thread.interrupted()

    cleanup:
    held.close()
  }

  def "what a slow call returns all the same is its result"() {
    given:
    def held = calls(Duration.ofMillis(20)).tap { it.watch() }

    expect:
    held.call(ASKED, {
      while (!Thread.currentThread().interrupted) {
        Thread.onSpinWait()
      }
      'late'
    }) == 'late'
    !Thread.interrupted()

    cleanup:
    held.close()
  }

  def "the registry is named by its address, without a password: #settings"() {
    expect:
    RegistryAddress.of('value-deserializer', settings) == named

    where:
    settings                                                               || named
    ['apicurio.registry.url': 'http://me:secret@r:8080/apis?token=x']      || 'the schema registry at http://r:8080/apis'
    ['schema.registry.url': 'http://a:8081,http://u:p@b:8081', 'a.b': 'c'] || 'the schema registry at http://a:8081, http://b:8081'
    ['bootstrap.servers': 'b:9092']                                        || 'the service that value-deserializer calls'
  }
}
