package io.exactlyonce.guard.redis

import io.lettuce.core.api.StatefulConnection
import spock.lang.Specification
import spock.lang.Timeout

import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException

/** The connection for effects, while Redis does not answer. */
class RedisEffectStoreSpec extends Specification {

  CountDownLatch asked = new CountDownLatch(1)
  CountDownLatch answered = new CountDownLatch(1)
  StatefulConnection<byte[], byte[]> connection = Mock()
  RedisEffectStore store = new RedisEffectStore({
    asked.countDown()
    answered.await()
    new GuardConnection(connection, null, null)
  }, new GuardKeys('group', Duration.ofHours(1)))

  @Timeout(10)
  def "a stop does not wait for a connection that is being opened, and closes it when it is"() {
    given:
    def effect = CompletableFuture.supplyAsync { store.find('charge', 'e-1') }
    asked.await()

    when:
    store.close()

    then: 'it has returned, and the effect is still waiting'
    !effect.done

    when:
    answered.countDown()
    effect.get()

    then:
    def e = thrown(ExecutionException)
    e.cause.message == 'the pipeline is stopping: effects are not available'
    1 * connection.closeAsync()
  }
}
