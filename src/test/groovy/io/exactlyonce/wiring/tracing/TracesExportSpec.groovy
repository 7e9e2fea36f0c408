package io.exactlyonce.wiring.tracing

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.local.LogLines
import spock.lang.AutoCleanup

/** Spans go to a collector by OTLP, and a collector that is away or hangs costs the pipeline nothing. */
class TracesExportSpec extends Traced {

  static final QUICK = ['otel.bsp.schedule.delay': '50', 'otel.java.exporter.otlp.retry.disabled': 'true']

  @AutoCleanup
  LogLines logged = new LogLines('io.opentelemetry')

  TracingSdk sdk(String address, Map<String, String> more = [:]) {
    new TracingSdk('spec', QUICK + ['otel.exporter.otlp.endpoint': address] + more)
  }

  void handle(TracingSdk sdk, int records) {
    trace([:], copy(), name, new OpenTelemetryTracing(sdk.openTelemetry(), name))
    produce((0..<records).collect { withHeaders([traceparent: parent()], "v$it", it % 3) })
    awaitDrained()
  }

  def "a collector gets the spans, also those of the last moment"() {
    given:
    def collector = Collector.start()
    opened << collector
    def sdk = sdk(collector.address(), ['otel.bsp.schedule.delay': '600000'])

    when: 'nothing but the end sends them, which waits for two seconds and no longer'
    handle(sdk, 10)
    sdk.close()

    then:
    await(BOUND) { assert collector.hasTrace(TRACE) && collector.has("process $source") && collector.has('spec') }
    logged.events() == []
  }

  def "a collector that #trouble holds up neither the pipeline nor its stop, and the log is bounded"() {
    given:
    def collector = trouble == 'hangs' ? Collector.hanging() : null
    if (collector) opened << collector
    def sdk = sdk(collector?.address() ?: 'http://127.0.0.1:1')

    when:
    handle(sdk, 3000)
    def began = System.nanoTime()
    opened.last().close()
    sdk.close()

    then:
    readCommitted(sink).size() == 3000
    System.nanoTime() - began < 10_000_000_000L
    collector == null || collector.requests() in 1..3
    // Of the exporter, and of the queue where it overflows: five, that it is throttled from now on, and one a minute.
    logged.events()*.loggerName.unique().size() <= 2
    logged.events().countBy { it.loggerName }.every { it.value <= 7 }
    collector != null || logged.texts().any { it.contains('Failed to export') && !it.contains('\n\tat') }

    where:
    trouble << ['is away', 'hangs']
  }

  def "what cannot be set up ends the start with the remedy, and without what it holds: #settings"() {
    when:
    new TracingSdk('spec', settings)

    then:
    def e = thrown(ConfigurationException)
    e.message.startsWith('tracing.enabled = true: OpenTelemetry cannot be set up (')
    e.message.endsWith('); correct the setting that this names, or set tracing.enabled to false')
    e.message.contains(named)
    !e.message.contains('s3cret')

    where:
    settings                                                       || named
    ['otel.exporter.otlp.endpoint': 'nowhere']                     || 'endpoint'
    ['otel.exporter.otlp.endpoint': 'user:s3cret@nowhere']         || 'endpoint'
    ['otel.exporter.otlp.endpoint': 'http://user:s3cret@no where'] || 'endpoint'
    ['otel.exporter.otlp.headers': 's3cret']                       || 'otel.exporter.otlp.headers'
    ['otel.traces.exporter': 'other']                              || 'otel.traces.exporter'
    ['otel.exporter.otlp.timeout': 'soon']                         || 'otel.exporter.otlp.timeout=soon'
  }

  def "a choice that is none is refused"() {
    when:
    new PipelineTracing(null, 'yes')

    then:
    def e = thrown(ConfigurationException)
    e.message == 'tracing.enabled = yes: is neither true nor false'
  }
}
