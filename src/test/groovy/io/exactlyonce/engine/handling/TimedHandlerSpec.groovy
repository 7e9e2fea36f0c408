package io.exactlyonce.engine.handling

import io.exactlyonce.handler.Event
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import spock.lang.AutoCleanup
import spock.lang.Specification
import spock.lang.Tag
import spock.lang.Timeout

import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.locks.LockSupport

class TimedHandlerSpec extends Specification {

  static final Event<String> EVENT = Event.of('e', 'k', 'v')
  static final Outcome DONE = Outcome.skip('done')

  List<HandlerLimit> limits = []

  def cleanup() {
    limits*.close()
  }

  Handler<String> within(Duration limit, Handler<String> handler) {
    def made = new HandlerLimit('p', limit)
    limits << made
    made.on(handler)
  }

  @Timeout(20)
  def "a handler that #what past its limit has failed by the limit, and its thread is not left interrupted"() {
    when:
    within(Duration.ofMillis(20), handler as Handler<String>).handle(EVENT)

    then:
    def late = thrown(HandlerTimeoutException)
    late.message == 'interrupted: it took longer than handler-timeout, 20ms'
    late.cause?.class == cause
    !Thread.currentThread().interrupted

    where:
    what                                 | handler                                                                              | cause
    'waits'                              | { new CountDownLatch(1).await(); DONE }                                              | InterruptedException
    'throws something else when stopped' | { try { new CountDownLatch(1).await() } catch (InterruptedException e) { throw new IOException('closed') } } | IOException
    'throws an Error when stopped'       | { try { new CountDownLatch(1).await() } catch (InterruptedException e) { throw new StackOverflowError() } } | StackOverflowError
    'swallows the interrupt and returns' | { try { new CountDownLatch(1).await() } catch (InterruptedException e) { DONE } }    | null
    'leaves the flag up and returns'     | { while (!Thread.currentThread().interrupted) LockSupport.parkNanos(1_000_000); DONE } | null
  }

  def "within its limit a handler's outcome and its exceptions are its own"() {
    when:
    def outcome = within(Duration.ofHours(1), { DONE } as Handler<String>).handle(EVENT)

    then:
    outcome.is(DONE)

    when:
    within(Duration.ofHours(1), { throw new IOException('mine') } as Handler<String>).handle(EVENT)

    then:
    def mine = thrown(IOException)
    mine.message == 'mine'
  }

  def "no limit costs nothing: the handler is called as it is"() {
    given:
    Handler<String> handler = { DONE }

    expect:
    within(Duration.ZERO, handler).is(handler)
  }

  @Timeout(60)
  @Tag('long')
  def "an end and a limit that come at once never leave an interrupt to whatever the thread does next"() {
    given: 'calls that end about when their time does'
    def random = new Random(5)
    def handler = within(Duration.ofNanos(100_000), { LockSupport.parkNanos(random.nextInt(200_000)); DONE } as Handler<String>)
    def late = 0
    def leaked = 0

    when:
    20_000.times {
      try {
        handler.handle(EVENT)
      } catch (HandlerTimeoutException e) {
        late++
      }
      if (Thread.interrupted()) leaked++
    }

    then:
    leaked == 0
    late > 0
    late < 20_000
  }
}
