package io.exactlyonce.wiring.watch

import ch.qos.logback.classic.spi.ILoggingEvent
import io.exactlyonce.alert.AlertKind
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.lag.GroupLag
import io.exactlyonce.lag.KnownTimes
import io.exactlyonce.lag.LagChecks
import io.exactlyonce.lag.LagMonitor
import io.exactlyonce.lag.LagSeconds
import io.exactlyonce.lag.LagState
import io.exactlyonce.lag.PartitionLag
import io.exactlyonce.lag.Trend
import io.exactlyonce.lag.Watched
import io.exactlyonce.local.LogLines
import io.exactlyonce.scaling.ScalingPeriods
import org.apache.kafka.common.TopicPartition
import org.slf4j.MDC
import spock.lang.AutoCleanup

import java.time.Clock
import java.time.Duration
import java.time.Instant

/** What the log says of the lag, of alerts and of scaling, each line with the pipeline that it is about. */
class WatchLogSpec extends PipelineSpec {

  @AutoCleanup
  LogLines log = new LogLines('io.exactlyonce')

  GroupLag lag(long records) {
    def part = new PartitionLag(new TopicPartition(source, 0), LagState.STALLED, '', records, new LagSeconds(1, LagSeconds.Kind.EXACT), new Trend(50, null),
        0, null, 0, 0)
    new GroupLag(name, name, Instant.now(), [part], '', null)
  }

  /** The lines of a class. */
  List<ILoggingEvent> said(Class<?> by) {
    log.events().findAll { it.loggerName == by.name }
  }

  List<Map<String, String>> fields(Class<?> by) {
    said(by)*.MDCPropertyMap
  }

  def "an alert is a warning with its reason and its remedy, and its end is a line too"() {
    given:
    def running = run()
    awaitRunning(running, 1)
    def watch = new AlertWatch([running.pipeline().config()], { [running.pipeline()] }, Optional.empty(), Clock.systemUTC())

    when: 'the lag of two checks is above the warning, that of the next three is not'
    [60_000, 60_000, 0, 0, 0].each { watch.accept([lag(it)]) }

    then:
    said(AlertWatch).collect { [it.level.toString(), it.formattedMessage.replaceAll(/there since [-0-9T:.]+Z/, 'there since T')] } == [
      ['WARN', "PipelineLag (warning) of $name: 60000 records, 1.0 s behind; furthest $source-0 (STALLED, 60000 records); ${AlertKind.PIPELINE_LAG.remedy()}".toString()],
      ['INFO', "PipelineLag (warning) of $name is resolved; it was there since T: 60000 records, 1.0 s behind; furthest $source-0 (STALLED, 60000 records)".toString()],
    ]
    fields(AlertWatch) == [[pipeline: name]] * 2

    and: 'the thread that checked turns to another pipeline without them'
    !MDC.copyOfContextMap
  }

  def "a decision of the scaler names its pipeline"() {
    given:
    def running = run('scaling.mode': 'workers')
    awaitRunning(running, 1)
    def watch = new ScalingWatch([running.pipeline().config()], { [running.pipeline()] }, ScalingPeriods.DEFAULT, Clock.systemUTC())

    when: 'a lag that more workers would not end'
    3.times { watch.accept([lag(200_000)]) }

    then:
    said(ScalingWatch)*.formattedMessage.every { it.contains('all partitions with a lag are stalled') }
    fields(ScalingWatch) == [[pipeline: name]]
  }

  def "a lag that cannot be measured is a line of its pipeline"() {
    given:
    def watched = [new Watched(name, name, [source] as Set), new Watched("$name-2", name, [source] as Set)]
    def checks = new LagChecks(watched, { throw new IllegalStateException('not needed') }, KnownTimes.none(), 'nowhere:1', Duration.ofSeconds(1),
        Duration.ofSeconds(1), Clock.systemUTC())
    def monitor = new LagMonitor(checks, { throw new IllegalStateException('there is no cluster') }, Duration.ofMillis(20))
    opened << monitor

    when:
    monitor.start()
    await(BOUND) { assert said(LagMonitor).size() == 2 }

    then:
    said(LagMonitor).every { it.formattedMessage.endsWith('there is no cluster') }
    fields(LagMonitor) == [[pipeline: name], [pipeline: "$name-2".toString()]]
  }
}
