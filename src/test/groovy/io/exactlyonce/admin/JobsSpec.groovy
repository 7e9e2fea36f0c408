package io.exactlyonce.admin

import spock.lang.Specification

import java.time.Clock
import java.time.Duration
import java.util.concurrent.CountDownLatch

import static io.exactlyonce.local.Await.until

/** Jobs that run count for the limits, however many others came and went. */
class JobsSpec extends Specification {

  static final Duration BOUND = Duration.ofSeconds(30)

  def jobs = new Jobs(Clock.systemUTC())
  def gate = new CountDownLatch(1)

  def cleanup() {
    gate.countDown()
  }

  def "a job that runs is remembered and keeps its pipeline, while older ones that have ended are forgotten"() {
    given:
    def slow = start('a') { gate.await(); [:] }

    when:
    def ended = (1..30).collect {
      def job = start('b') { [:] }
      until(BOUND) { assert !job.running }
      job
    }

    then:
    jobs.find('a', slow.id()).get().running
    jobs.start('a', 'audit', 'ann', { [:] } as Job.Work).empty
    jobs.find('b', ended.first().id()).empty
    jobs.find('b', ended.last().id()).present

    when:
    gate.countDown()
    until(BOUND) { assert !slow.running }

    then:
    jobs.start('a', 'audit', 'ann', { [:] } as Job.Work).present
  }

  private Job start(String pipeline, Closure work) {
    jobs.start(pipeline, 'audit', 'ann', work as Job.Work).get()
  }
}
