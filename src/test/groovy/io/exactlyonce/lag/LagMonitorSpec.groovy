package io.exactlyonce.lag

import io.exactlyonce.engine.OwnBackendsSpec
import io.exactlyonce.local.EmbeddedBackends
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.NewTopic
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.util.concurrent.atomic.AtomicInteger

/** The monitor on its own thread, and a broker that stands. */
class LagMonitorSpec extends OwnBackendsSpec {

  @AutoCleanup
  LagMonitor monitor

  @Override
  EmbeddedBackends startOwn() {
    EmbeddedBackends.start(1, SHORT_SESSIONS)
  }

  def cleanup() {
    own.kafka().nodes().each { it.resume() }
  }

  LagMonitor start() {
    def checks = new LagChecks([new Watched(name, name, [source] as Set)],
        { new KafkaConsumer<byte[], byte[]>(['bootstrap.servers': bootstrapServers] + OldestRecords.READER_SETTINGS, new ByteArrayDeserializer(), new ByteArrayDeserializer()) },
        KnownTimes.none(), bootstrapServers, Duration.ofSeconds(3), Duration.ofSeconds(1), Clock.systemUTC())
    monitor = new LagMonitor(checks, { Admin.create(['bootstrap.servers': bootstrapServers] + LagMonitor.ADMIN_SETTINGS) }, Duration.ofSeconds(1))
    monitor.start()
    monitor
  }

  GroupLag latest() {
    monitor.latest().find()
  }

  @Tag('long')
  def "while the broker stands it says that it cannot measure, whom it asked and since when; then it measures again"() {
    given:
    start()
    await(BOUND) { assert latest() != null && latest().measured }
    def node = own.kafka().node(0)

    when:
    def paused = Instant.now()
    node.pause()
    await(BOUND) { assert !latest().measured }
    def first = latest()

    then:
    first.cannotMeasure() == "$source: Kafka at ${node.address()} does not answer"
    first.partitions().empty
    Duration.between(paused, first.since()).abs() < Duration.ofSeconds(4)

    when: 'it goes on checking, and since when stays the same'
    await(BOUND) { assert latest().at() > first.at() }

    then:
    latest().since() == first.since()

    when:
    node.resume()
    produce([record('v0', partition: 0)])
    await(BOUND) { assert latest().measured }

    then:
    latest().since() == null
    await(BOUND) { assert latest().records() == 1 }
  }

  def "what listens may fail: the others are told, and the next check is made"() {
    given:
    def told = new AtomicInteger()
    start()
    monitor.onChecked { throw new IllegalStateException('rubbish') }
    monitor.onChecked { told.incrementAndGet() }

    expect:
    await(BOUND) { assert told.get() >= 2 }
    latest().measured
  }

  @Tag('long')
  def "it ends within a second while the broker does not answer it"() {
    given:
    start()
    await(BOUND) { assert latest() != null && latest().measured }
    own.kafka().node(0).pause()
    await(BOUND) { assert !latest().measured }

    when:
    def began = System.nanoTime()
    monitor.close()

    then:
    Duration.ofNanos(System.nanoTime() - began) < Duration.ofSeconds(2)
    !Thread.allStackTraces.keySet().any { it.name == 'lag-monitor' && it.alive }
  }
}
