package io.exactlyonce

import ch.qos.logback.classic.Level
import ch.qos.logback.classic.LoggerContext
import ch.qos.logback.classic.joran.JoranConfigurator
import ch.qos.logback.classic.spi.LoggingEvent
import ch.qos.logback.core.ConsoleAppender
import spock.lang.Specification

/** How the application's log is written: src/main/resources/logback.xml. */
class LogSpec extends Specification {

  def "a line begins with its date, its time and the zone, and with its level"() {
    given:
    def context = new LoggerContext()
    new JoranConfigurator(context: context).doConfigure(new File('src/main/resources/logback.xml'))
    def appender = context.getLogger('ROOT').getAppender('STDERR') as ConsoleAppender

    when:
    def line = new String(appender.encoder.encode(new LoggingEvent('', context.getLogger('a.B'), Level.WARN, 'it was said', null, null)))

    then:
    line ==~ /(?s)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.,]\d{3}(Z|[+-]\d\d:\d\d) WARN  .*a\.B .*it was said\n/
    appender.target == 'System.err'

    cleanup:
    context.stop()
  }
}
