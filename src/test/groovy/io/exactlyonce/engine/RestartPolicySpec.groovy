package io.exactlyonce.engine

import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.failure.Phase
import io.exactlyonce.engine.failure.TransactionFailure
import io.exactlyonce.engine.spi.Backend
import org.apache.kafka.common.errors.InterruptException
import org.apache.kafka.common.errors.InvalidConfigurationException
import org.apache.kafka.common.errors.NetworkException
import org.apache.kafka.common.errors.TimeoutException
import spock.lang.Specification

import java.time.Duration

import static io.exactlyonce.engine.FailureOrigin.*

class RestartPolicySpec extends Specification {

  def policy = new RestartPolicy(new PipelineConfig.Restarts(3, Duration.ofSeconds(100), Duration.ofSeconds(1), Duration.ofSeconds(3)))

  static long at(int second) {
    Duration.ofSeconds(second).toNanos()
  }

  def "the wait doubles up to its bound, and at the third failure within the window it stays down"() {
    expect:
    policy.postFailure(WORKER, at(0)).get() == Duration.ofSeconds(1)
    policy.postFailure(WORKER, at(10)).get() == Duration.ofSeconds(2)
    policy.postFailure(WORKER, at(20)).empty
  }

  def "failures older than the window are forgiven, and the wait begins anew after a quiet window"() {
    expect:
    policy.postFailure(WORKER, at(0)).present
    policy.postFailure(WORKER, at(90)).get() == Duration.ofSeconds(2)
    policy.postFailure(WORKER, at(100)).get() == Duration.ofSeconds(3)
    policy.postFailure(WORKER, at(300)).get() == Duration.ofSeconds(1)
  }

  def "a backend that is away while workers start is waited for, however long, and the wait does not grow"() {
    expect:
    (1..50).every { policy.postFailure(BACKEND, at(it)).get() == Duration.ofSeconds(1) }
    policy.postFailure(WORKER, at(52)).get() == Duration.ofSeconds(1)
  }

  def "where somebody has to change something first it stays down at once"() {
    expect:
    policy.postFailure(SETTING, at(0)).empty
  }

  def "#failure.class.simpleName in #phase is the doing of #blame"() {
    expect:
    FailureOrigin.of(phase == null ? failure : TransactionFailure.of(phase, failure)) == blame

    where:
    phase      | failure                                         || blame
    Phase.INIT | new TimeoutException('away')                    || BACKEND
    Phase.INIT | new NetworkException('no name resolves')        || BACKEND
    Phase.SEND | new InvalidConfigurationException('wrong')      || SETTING
    Phase.POLL | new IllegalStateException('what')               || WORKER
    null       | new IllegalStateException('what')               || WORKER
    null       | new StackOverflowError()                        || WORKER
    null       | new Backend.UnreachableException('away', null)  || BACKEND
  }
}
