package io.exactlyonce

import ch.qos.logback.classic.Level
import ch.qos.logback.classic.LoggerContext
import ch.qos.logback.classic.joran.JoranConfigurator
import ch.qos.logback.classic.spi.LoggingEvent
import ch.qos.logback.core.ConsoleAppender
import groovy.json.JsonSlurper
import io.exactlyonce.engine.status.LogFields
import org.slf4j.MDC
import org.slf4j.event.KeyValuePair
import spock.lang.Specification

/** How the application's log is written: src/main/resources/logback.xml. */
class LogSpec extends Specification {

  LoggerContext context = new LoggerContext(MDCAdapter: MDC.MDCAdapter)

  ConsoleAppender appender(Map<String, String> properties) {
    properties.each { name, value -> context.putProperty(name, value) }
    new JoranConfigurator(context: context).doConfigure(new File('src/main/resources/logback.xml'))
    context.getLogger('ROOT').getAppender('STDERR') as ConsoleAppender
  }

  def cleanup() {
    context.stop()
  }

  LoggingEvent event(String text, Throwable thrown = null, Object... arguments) {
    new LoggingEvent('', context.getLogger('a.B'), Level.WARN, text, thrown, arguments)
  }

  def "a line begins with its date, its time and the zone, and with its level"() {
    given:
    def appender = appender(properties)

    when:
    def line = new String(appender.encoder.encode(event('it was said')))

    then:
    line ==~ /(?s)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.,]\d{3}(Z|[+-]\d\d:\d\d) WARN  .*a\.B .*it was said\n/
    appender.target == 'System.err'

    where: 'so it is unless somebody wants another'
    properties << [[:], [LOG_FORMAT: 'text']]
  }

  def "with LOG_FORMAT=json a line is one object, whatever is in the text"() {
    given:
    def appender = appender(LOG_FORMAT: 'json')
    def said = event('it said {}', new IllegalStateException('in\ntwo lines'), 'a "quote"\nand a break')
    said.addKeyValuePair(new KeyValuePair(LogFields.POSITION, 'payments-3@17'))
    def seen = null
    LogFields.of('orders', 'orders-a-0', { seen = new String(appender.encoder.encode(said)) }).run()

    when:
    def line = new JsonSlurper().parseText(seen)

    then:
    seen.readLines().size() == 1 && seen.endsWith('\n')
    line.level == 'WARN' && line.loggerName == 'a.B'
    line.formattedMessage == 'it said a "quote"\nand a break'
    line.mdc == [pipeline: 'orders', worker: 'orders-a-0']
    line.kvpList == [[position: 'payments-3@17']]
    line.throwable.message == 'in\ntwo lines'
    line.timestamp > 0
    line.keySet() - ['timestamp', 'level', 'threadName', 'loggerName', 'mdc', 'kvpList', 'formattedMessage', 'throwable'] == [] as Set
    appender.target == 'System.err'
  }
}
