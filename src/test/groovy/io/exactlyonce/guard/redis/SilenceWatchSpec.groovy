package io.exactlyonce.guard.redis

import io.exactlyonce.local.Await
import io.netty.channel.embedded.EmbeddedChannel
import spock.lang.Specification

import java.time.Duration

/** When a connection is given up: by what was sent on it and what came. */
class SilenceWatchSpec extends Specification {

  static final Duration SHORT = Duration.ofMillis(60)
  static final Duration LONG = Duration.ofMinutes(5)
  static final Duration BOUND = Duration.ofSeconds(10)

  List<EmbeddedChannel> all = []

  EmbeddedChannel connection(Duration first, Duration bound) {
    def channel = new EmbeddedChannel(new SilenceWatch(first, bound))
    all << channel
    channel
  }

  def cleanup() {
    all*.close()
  }

  boolean isClosedSoon(EmbeddedChannel channel) {
    Await.within(BOUND) {
      all*.runScheduledPendingTasks()
      !channel.open
    }
  }

  /** Until another one, which is asked now and silent, was given up: the time was there. */
  boolean isLeftAlone(EmbeddedChannel channel) {
    def other = connection(SHORT, SHORT)
    other.writeOutbound('asked')
    isClosedSoon(other) && channel.open
  }

  def "one that was never answered is given up after the first bound"() {
    given:
    def channel = connection(SHORT, LONG)
    channel.writeOutbound('asked')

    expect:
    isClosedSoon(channel)
  }

  def "one that was answered before is given up after the second bound, and not after the first"() {
    given:
    def patient = connection(SHORT, LONG)
    def soon = connection(SHORT, SHORT)
    [patient, soon].each {
      it.writeOutbound('asked')
      it.writeInbound('answered')
      it.writeOutbound('asked again')
    }

    expect:
    isClosedSoon(soon)
    isLeftAlone(patient)
  }

  def "one whose last command was answered, and one that was asked nothing, are left alone"() {
    given:
    def idle = connection(SHORT, SHORT)
    def answered = connection(SHORT, SHORT)
    answered.writeOutbound('asked')
    answered.writeInbound('answered')

    expect:
    isLeftAlone(answered)
    isLeftAlone(idle)
  }

  def "the time counts from the first command without an answer, however many follow"() {
    given:
    def channel = connection(SHORT, LONG)

    expect:
    Await.within(BOUND) {
      channel.pipeline().write('asked') // what is sent in vain once it is closed is no failure
      channel.runScheduledPendingTasks()
      !channel.open
    }
  }
}
