package io.exactlyonce.engine.handling

import io.exactlyonce.engine.inflight.PolledRecords
import io.exactlyonce.engine.inflight.RecordResult
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import org.apache.kafka.clients.producer.ProducerRecord
import spock.lang.Specification

import static io.exactlyonce.engine.Records.*

/** What a processor makes of polled records. */
abstract class ProcessedRecords extends Specification {

  static String header(ProducerRecord<byte[], byte[]> record, String name) {
    def found = record.headers().lastHeader(name)
    found == null ? null : new String(found.value(), 'UTF-8')
  }

  static RecordResult handle(Closure<Outcome> handler, PolledRecords polled = polled(5, 'v'), int attempt = 1) {
    processor(handler as Handler<String>).process(polled, 0, attempt)
  }

  /** The reason of the dead letter that became of the record. */
  static String reason(RecordResult handled) {
    assert handled.kind == RecordResult.Kind.DEAD_LETTER
    assert handled.outputs*.topic() == ['dlq']
    header(handled.outputs[0], 'dead-letter-reason')
  }
}
