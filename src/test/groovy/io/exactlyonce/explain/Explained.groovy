package io.exactlyonce.explain

import io.exactlyonce.deadletter.RecordPosition
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.eventid.EventIds
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.admin.Admin

import java.time.Clock
import java.time.Instant
import java.util.concurrent.ConcurrentHashMap

/** A pipeline, and what is explained of its events. */
abstract class Explained extends PipelineSpec {

  /** Values that the handler throws at. */
  Set<String> broken = ConcurrentHashMap.newKeySet()

  List<Step> steps(Sighting sighting, Step.What what) {
    sighting.steps().findAll { it.what() == what }
  }

  Explain explain(ExplainScope scope) {
    new Explain({ Admin.create(['bootstrap.servers': bootstrapServers] as Map<String, Object>) }, { reader() }, scope,
        EventIds.of(['header:event-id'], { null })::findUsable, Clock.systemUTC(), null)
  }

  def reader() {
    new HandMadePipeline(bootstrapServers, admin, name, source, sink).consumer()
  }

  Explanation id(String id, Instant since = null) {
    def of = ExplainScope.of(name, [source] as Set)
    explain(new ExplainScope(of.group(), of.sources(), of.receipts(), of.deadLetters(), of.replays(), of.headers(), since, of.window(), of.patience())).id(id)
  }

  Explanation position(CharSequence position) {
    explain(ExplainScope.of(name, [source] as Set)).position(RecordPosition.parse(position.toString()))
  }

  HandMadePipeline handMade() {
    createTopic("$name" + '.receipts', 3)
    def made = new HandMadePipeline(bootstrapServers, admin, name, source, sink)
    opened << made
    made
  }

  /** Its handler throws at what is broken. */
  TestPipeline mendable(Map<String, String> settings = [:]) {
    String to = sink
    def wrong = broken
    run(['retry.attempts': '1'] + settings, { event ->
      if (event.value() in wrong) throw new IOException('no luck')
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>)
  }
}
