package io.exactlyonce.ops

import io.exactlyonce.deadletter.RecordPosition
import io.exactlyonce.engine.status.InFlight
import io.exactlyonce.engine.status.PipelineState
import io.exactlyonce.engine.status.PipelineStatus
import io.exactlyonce.engine.status.StoppedPartition
import io.exactlyonce.engine.status.WorkerFailures
import io.exactlyonce.engine.status.WorkerHold
import io.exactlyonce.engine.status.WorkerState
import io.exactlyonce.engine.status.WorkerStatus
import spock.lang.Specification

import java.time.Instant

/** Where a record is, by the status of the instance that is asked. */
class HeldRecordsSpec extends Specification {

  static final Instant SINCE = Instant.parse('2026-11-28T01:02:03Z')

  def "#at is #fate: #why"() {
    given: 'two stops in one partition, as by key; a worker that reads behind them; one that has not read'
    def status = new PipelineStatus('shop', PipelineState.RUNNING, '', '', [],
        [worker('w0', ['a-0', 'a-1'], ['a-0': 9L, 'a-1': 5L]), worker('w1', ['a-2'], [:])],
        [new StoppedPartition('a-0@3', 'it broke', 2, SINCE), new StoppedPartition('a-0@6', 'it broke too', 2, SINCE)])

    when:
    def found = new HeldRecords({ status }).find(RecordPosition.parse(at))

    then:
    found.fate().name() == fate
    found.why().startsWith(why)

    where:
    at      || fate        | why
    'a-0@3' || 'STOPPED'   | 'its partition is stopped since 2026-11-28T01:02:03Z (it broke); decide by POST /pipelines/shop/stops/a-0@3/retry, /skip or'
    'a-0@6' || 'STOPPED'   | 'its partition is stopped since 2026-11-28T01:02:03Z (it broke too); decide by POST /pipelines/shop/stops/a-0@6/retry'
    'a-0@4' || 'NOT_YET'   | 'it is behind a-0@3, at which its partition is stopped since 2026'
    'a-0@2' || 'IN_FLIGHT' | 'worker w0 has read it, and its commit was not seen yet'
    'a-1@4' || 'IN_FLIGHT' | 'worker w0 has read it, and its commit was not seen yet'
    'a-1@5' || 'NOT_YET'   | 'worker w0 has its partition and has not read it yet'
    'a-2@0' || 'NOT_YET'   | 'worker w1 has its partition: it is in flight, or not read yet'
    'a-3@0' || 'NOT_YET'   | 'no worker of this instance has its partition'
  }

  static WorkerStatus worker(String id, List<String> partitions, Map<String, Long> read) {
    new WorkerStatus(id, WorkerState.RUNNING, partitions, '', WorkerFailures.NONE, new WorkerHold(InFlight.NONE, 0, read), false)
  }
}
