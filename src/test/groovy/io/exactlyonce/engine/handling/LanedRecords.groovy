package io.exactlyonce.engine.handling

import io.exactlyonce.engine.inflight.PolledRecords
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.engine.inflight.Signal
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import spock.lang.Specification

import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

import static io.exactlyonce.engine.Records.*

/** Lanes with handler threads and a timer. */
abstract class LanedRecords extends Specification {

  def handlers = Executors.newFixedThreadPool(4)
  def timer = Executors.newSingleThreadScheduledExecutor()
  def signal = new Signal()
  def handled = new ConcurrentLinkedQueue<String>()

  def cleanup() {
    [handlers, timer].each { it.shutdownNow() }
  }

  Lane lane(RetryPolicy retry = retry(), Closure<Outcome> handler) {
    new Lane(processor(handler as Handler<String>, retry), handlers, timer, signal)
  }

  static void addAll(Lane lane, PolledRecords polled) {
    lane.add(new Lane.Work(polled, 0, polled.size()))
  }

  static RecordResult awaitResult(PolledRecords polled, int index) {
    def end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20)
    while ((polled.result(index) == null || polled.result(index).parked) && System.nanoTime() < end) {
      Thread.onSpinWait()
    }
    polled.result(index)
  }
}
