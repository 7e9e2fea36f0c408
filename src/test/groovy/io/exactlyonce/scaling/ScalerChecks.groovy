package io.exactlyonce.scaling

import io.exactlyonce.scaling.ScalingReading.Load
import spock.lang.Specification

import java.time.Duration
import java.time.Instant

/** A scaler under a clock that the spec moves: a check every 30 s. */
abstract class ScalerChecks extends Specification {
  static final Instant START = Instant.parse('2026-01-01T00:00:00Z')

  Scaler scaler
  Instant now = START
  int workers = 1
  int concurrency = 1
  boolean decides = true
  int partitions = 12
  long done = 0
  List<ScalingDecision> decisions = []

  /** Half-minute checks with the same finding, applied as the wiring does it. */
  List<String> checks(Map how = [:], int times) {
    def from = decisions.size()
    times.times {
      now += Duration.ofSeconds(30)
      done += 30 * (how.rate ?: 0) as long
      scaler.check(new ScalingReading(now, workers, concurrency, partitions, decides, how.load ?: Load.CRITICAL, how.records ?: 0, how.growth ?: 0 as double,
          done, how.explained ?: ''))
          .ifPresent {
            decisions << it
            apply(it)
          }
    }
    decisions.drop(from).collect { "${it.direction()} ${it.from()}-${it.to()}".toString() }
  }

  void apply(ScalingDecision decision) {
    if (decision.what() == ScalingDecision.What.WORKERS) {
      workers = decision.to()
    } else {
      concurrency = decision.to()
    }
  }
}
