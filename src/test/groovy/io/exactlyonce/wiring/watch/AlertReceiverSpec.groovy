package io.exactlyonce.wiring.watch

import io.exactlyonce.alert.Webhook
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.wiring.LagParts
import io.exactlyonce.wiring.TestPipeline
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch

/** A pipeline under load whose alerts go to a receiver that is out of its mind. */
@Tag('long')
class AlertReceiverSpec extends PipelineSpec {

  static final int RECORDS = 5_000

  /** Threads that have to do with alerts. */
  static final Set<String> NOT_THE_PIPELINE = ['alert-webhook', 'lag-monitor']

  def receiver = new ServerSocket(0, 50, InetAddress.loopbackAddress)
  def calls = new CopyOnWriteArrayList<Socket>()
  def waiting = new CopyOnWriteArrayList<String>()
  volatile CountDownLatch gate = new CountDownLatch(0)
  int produced

  def cleanup() {
    gate.countDown()
    receiver.close()
    calls*.close()
  }

  /** Takes every connection, and writes these bytes at it; without any it says nothing. */
  void receive(byte[] bytes) {
    Thread.startDaemon('receiver') {
      try {
        while (true) {
          def socket = receiver.accept()
          calls << socket
          socket.outputStream.write(bytes)
          socket.outputStream.flush()
        }
      } catch (IOException ignored) { // the feature is over, or the client has gone
      }
    }
  }

  TestPipeline start() {
    String to = sink
    def running = run(['lag.check-every': '1s', 'alerts.lag.warning-records': '5'], { event ->
      gate.await()
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>)
    awaitRunning(running, 1)
    running
  }

  Webhook watch(TestPipeline running) {
    def config = running.pipeline().config()
    def webhook = new Webhook(new URI("http://127.0.0.1:$receiver.localPort/"), { it.reason() }, Duration.ofMillis(100))
    def watch = new AlertWatch([config], { [running.pipeline()] }, Optional.of(webhook), Clock.systemUTC())
    def monitor = LagParts.monitor([config], ['bootstrap.servers': bootstrapServers], { [running.pipeline()] })
    monitor.onChecked(watch)
    opened << watch << monitor
    monitor.start()
    webhook
  }

  /** Holds records back until the condition, then says how long they took from there. */
  Duration load(TestPipeline running, Closure<?> until) {
    gate = new CountDownLatch(1)
    produce((0..<RECORDS).collect { record("v${produced++}", partition: it % 3) })
    await(BOUND, until)
    def from = System.nanoTime()
    gate.countDown()
    await(BOUND) {
      waiting.addAll(atTheReceiver())
      assert running.pipeline().counters().processed.sum() == produced
    }
    Duration.ofNanos(System.nanoTime() - from)
  }

  /** Threads of the pipeline that are in the code of alerts. */
  static List<String> atTheReceiver() {
    Thread.allStackTraces.findAll { thread, frames ->
      !(thread.name in NOT_THE_PIPELINE) && frames.any { it.className.startsWith('io.exactlyonce.alert.') }
    }.keySet()*.name
  }

  def "a receiver that #how costs the pipeline nothing: all records come out, as soon as without it"() {
    given: 'a first load that nobody is told of'
    receive(bytes)
    def running = start()
    def without = load(running) { assert true }

    when: 'a second one, while a message is on its way'
    def webhook = watch(running)
    def with = load(running) { assert !calls.empty }

    then:
    with < without.multipliedBy(3) + Duration.ofSeconds(20)
    waiting == []
    awaitDrained()
    visible() == (0..<produced).collect { "v$it".toString() }.sort()

    and: 'nobody has taken the message, which is counted in the end'
    await(BOUND) { assert webhook.failed() >= 1 }
    calls.size() >= 6

    where:
    how                       | bytes
    'hangs'                   | [] as byte[]
    'answers what is no HTTP' | [0, 255, 7, 13, 10, 13, 10, 0] * 100 as byte[]
  }
}
