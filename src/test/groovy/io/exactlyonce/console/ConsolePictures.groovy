package io.exactlyonce.console

import io.exactlyonce.handler.ForPipeline
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalRedis
import io.micronaut.context.ApplicationContext
import io.micronaut.context.RuntimeBeanDefinition
import io.micronaut.inject.annotation.MutableAnnotationMetadata
import io.micronaut.runtime.server.EmbeddedServer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** Pictures of the console in each of its states, below target/console-pictures: {@code mvn -Pscreenshots}. */
class ConsolePictures extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(90)
  static final TOKEN = 'a-token-of-anns-0123456789'
  static final Path TO = Path.of('target', 'console-pictures')
  static final int PARTITIONS = 8

  /** Long enough that the charts have something to show. */
  static final Duration LOAD = Duration.ofSeconds(Integer.getInteger('seconds', 60))

  @TempDir
  Path profile

  LocalRedis redis = LocalRedis.start()
  String source = 'orders'
  String group = 'orders'
  List<ApplicationContext> instances = []
  List<Browser> browsers = []
  def upstream = Executors.newSingleThreadScheduledExecutor()
  volatile int perTick
  int number
  def random = new Random(7)

  def cleanup() {
    upstream.shutdownNow()
    browsers.reverseEach { it.close() }
    instances.reverseEach { it.close() }
    redis.close()
  }

  /** An instance at a port of its own. */
  URI start(String instance) {
    def port = new ServerSocket(0).withCloseable { it.localPort }
    def metadata = new MutableAnnotationMetadata()
    metadata.addDeclaredAnnotation(ForPipeline.name, [value: 'orders'])
    instances << ApplicationContext.builder()
        .overrideConfigLocations('classpath:no-such-file')
        .beanDefinitions(RuntimeBeanDefinition.builder(Handler, { handler() }).singleton(true).annotationMetadata(metadata).build())
        .properties([
            'micronaut.application.name'           : 'orders-app',
            'micronaut.server.port'                : port,
            'kafka.bootstrap.servers'              : bootstrapServers,
            'redis.uri'                            : redis.uri(),
            'pipeline.admin.token'                 : "ann:$TOKEN".toString(),
            'pipelines.orders.source'              : source,
            'pipelines.orders.sinks'               : 'shipments',
            'pipelines.orders.group'               : group,
            'pipelines.orders.lag.check-every'     : '5s',
            'pipelines.orders.workers'             : '2',
            'pipelines.orders.concurrency'         : '4',
            'pipelines.orders.instance-id'         : instance,
            'pipelines.orders.retry.on-exhausted'  : 'stop',
            'pipelines.orders.retry.attempts'      : '2'])
        .build().start()
    instances.last().getBean(EmbeddedServer).start()
    URI.create("http://127.0.0.1:$port/console/")
  }

  /** Takes a moment for each record; refuses some, and fails at what it is told to. */
  Handler<byte[]> handler() {
    return { event ->
      def value = new String(event.value() as byte[])
      Thread.sleep(4)
      if (value.startsWith('stop')) throw unanswered()
      if (value.startsWith('stock')) return Outcome.deadLetter('nothing of it is in stock')
      if (value.startsWith('price')) return Outcome.deadLetter('the price is below zero')
      Outcome.emit(Output.to('shipments', event.key(), value))
    } as Handler<byte[]>
  }

  /** As a handler in Java would throw it. */
  static Exception unanswered() {
    new IllegalStateException('the warehouse does not answer').tap {
      it.stackTrace = [new StackTraceElement('com.example.orders.Warehouse', 'reserve', 'Warehouse.java', 41)]
    }
  }

  static ProducerRecord<byte[], byte[]> record(String id, int partition = Math.floorMod(id.hashCode(), PARTITIONS)) {
    new ProducerRecord<>('orders', partition, null, id.bytes, id.bytes, [new RecordHeader('event-id', id.bytes)])
  }

  void tick() {
    def records = (0..<perTick).collect {
      def n = number++
      n % 12 == 5 ? record("order-${Math.max(0, n - random.nextInt(400))}", random.nextInt(PARTITIONS)) : record("${n % 900 == 450 ? 'stock' : n % 1300 == 700 ? 'price' : 'order'}-$n")
    }
    if (records) produce(records)
  }

  Browser open(URI address, String scheme = 'light', int width = 1280, int height = 1500) {
    def browser = new Browser(Files.createDirectories(profile.resolve("b${browsers.size()}")))
    browsers << browser
    browser.prefer(scheme)
    browser.size(width, height)
    browser.go(address)
    await(BOUND) { assert browser.text('#link') == 'live' }
    browser.run('sessionStorage.setItem("pipeline-token", arguments[0]); location.reload()', TOKEN)
    await(BOUND) { assert browser.text('#link') == 'live' && browser.text('#who').contains('ann') }
    browser
  }

  void take(Browser browser, String name) {
    Files.write(Files.createDirectories(TO).resolve("${name}.png"), browser.picture())
  }

  /** Smaller, so that the manual's pages stay small. */
  void takeForManual(Browser browser, String name, int height = 740) {
    browser.size(1100, height)
    browser.run('scrollTo(0, 0)')
    browser.run('requestAnimationFrame(() => {})')
    Thread.sleep(1500)
    take(browser, name)
    browser.size(1280, 1500)
  }

  def "idle, under load, rebalancing, guard away, stopped record, dark, phone"() {
    given:
    createTopic(source, PARTITIONS)
    createTopic('shipments', 2)
    def first = start('node1')
    def page = open(first)
    await(BOUND) { assert page.text('#state') == 'running' && (0..1).every { page.text('#parts').contains("orders-node1-$it") } && !page.text('#parts').contains('just assigned') }
    take(page, 'idle')

    when: 'load, more than the handlers keep up with for a while'
    upstream.scheduleAtFixedRate({ try { tick() } catch (Exception e) { e.printStackTrace() } }, 0, 250, TimeUnit.MILLISECONDS)
    perTick = 150
    page.tell('Emulation.setFocusEmulationEnabled', [enabled: true])
    Thread.sleep(LOAD.toMillis().intdiv(2))
    perTick = 600
    Thread.sleep(LOAD.toMillis().intdiv(4))
    perTick = 220
    Thread.sleep(LOAD.toMillis().intdiv(4))
    page.run('document.querySelector("#letters-form button").click()')
    page.run('document.querySelector("#find-form input").value = "order-3"; document.querySelector("#find-form button").click()')
    await(BOUND) { assert page.run('return document.querySelectorAll("#letters li input").length') > 1 && page.text('#story').contains('receipt') }
    take(page, 'load')
    takeForManual(page, 'console-load')
    def night = open(first, 'dark')
    take(night, 'dark')
    def phone = open(first, 'light', 390, 2400)
    take(phone, 'phone')

    and: 'another instance joins'
    start('node2')
    await(BOUND) { assert page.text('#parts').contains('elsewhere') }
    take(page, 'rebalancing')
    await(BOUND) { assert !page.text('#parts').contains('let go') }

    and: 'a record that the handler cannot do'
    def own = page.run('return [...document.querySelectorAll("#parts li")].find(l => !/elsewhere|let go/.test(l.textContent)).querySelector("strong").textContent') as String
    produce([record('stop-1', own.split('-')[1] as int)])
    await(BOUND) { assert page.text('#stops').contains('2 attempts') }
    take(page, 'stopped')
    page.prefer('dark')
    takeForManual(page, 'console-stopped', 1130)
    page.prefer('light')

    and: 'Redis goes'
    redis.kill()
    await(BOUND) { assert page.text('#troubles').contains('Redis') || page.text('#line').contains('claims in Redis cannot be used') }
    Thread.sleep(3000)
    take(page, 'guard-away')

    then:
    browsers.every { it.errors() == [] }
    ['idle', 'load', 'dark', 'phone', 'rebalancing', 'stopped', 'guard-away'].every { Files.size(TO.resolve("${it}.png")) > 10_000 }
  }
}
