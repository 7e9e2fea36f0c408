package io.exactlyonce.ops.metrics

import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.relay.EngineConfig
import io.micrometer.core.instrument.MeterRegistry
import io.micronaut.context.ApplicationContext
import io.micronaut.runtime.server.EmbeddedServer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.time.Duration
import javax.sql.DataSource

/** Handlers may have what needs the registry of all meters, which has the pipelines' meters too. */
class HandlerMetersSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)

  String source = unique('metered')

  @AutoCleanup
  ApplicationContext context

  void start(String pipeline, Map<String, Object> more = [:]) {
    context = ApplicationContext.builder().deduceEnvironment(false).overrideConfigLocations('classpath:no-such-file')
        .properties(EngineConfig.properties() + more + [
            'micronaut.server.port'            : -1,
            'kafka.bootstrap.servers'          : bootstrapServers,
            'redis.uri'                        : redisUri,
            ("pipelines.${pipeline}.source".toString())     : source,
            ("pipelines.${pipeline}.group".toString())      : source,
            ("pipelines.${pipeline}.instance-id".toString()): 'spec'])
        .start()
  }

  void run() {
    context.getBean(EmbeddedServer).start()
    await(BOUND) { assert meter('pipeline.ready') == 1 }
    produce([new ProducerRecord<byte[], byte[]>(source, null, null, null, 'a'.bytes, [new RecordHeader('event-id', 'a'.bytes)])])
  }

  double meter(String name) {
    context.getBean(MeterRegistry).find(name).meter()?.measure()?.first()?.value ?: 0
  }

  @Tag('long')
  def "a handler with a meter of its own is made, and its meter counts beside the pipeline's"() {
    when:
    start('metered')
    run()

    then:
    await(BOUND) { assert meter('metered.seen') == 1 }
    await(BOUND) { assert meter('pipeline.read') == 1 }
  }

  @Tag('long')
  def "a handler with a DataSource is made, and the pool has its meters"() {
    given:
    start('storing', ['datasources.default.url': "jdbc:h2:mem:$source;DB_CLOSE_DELAY=-1".toString(), 'datasources.default.username': 'sa'])
    def database = context.getBean(DataSource)
    sql(database) { it.execute('create table seen (id varchar primary key)') }

    when:
    run()

    then:
    await(BOUND) {
      assert sql(database) { statement -> statement.executeQuery('select count(*) from seen').with { it.next(); it.getInt(1) } } == 1
    }
    context.getBean(MeterRegistry).find('hikaricp.connections').meter() != null
  }

  private static <T> T sql(DataSource database, Closure<T> what) {
    database.connection.withCloseable { connection -> connection.createStatement().withCloseable(what) }
  }
}
