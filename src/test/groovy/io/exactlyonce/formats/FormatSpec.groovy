package io.exactlyonce.formats

import io.exactlyonce.deadletter.Letter
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.relay.EngineConfig
import io.exactlyonce.wiring.StartedPipeline
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.Headers
import org.apache.kafka.common.header.internals.RecordHeaders

import java.time.Duration

/** A spec of one of the manual's handlers of a format, on topics of its own. */
abstract class FormatSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)

  String group = unique('formats')
  String source = "$group-in"
  List<AutoCloseable> opened = []

  def setup() {
    createTopic(source, 2)
  }

  def cleanup() {
    opened.reverse().each { it.close() }
  }

  StartedPipeline start(String pipeline, Map<String, String> settings) {
    def started = StartedPipeline.start(pipeline,
        [source: source, group: group, 'instance-id': group, 'topics.partitions': '2', 'retry.backoff': '1ms'] + settings, EngineConfig.properties(), backends)
    opened << started
    started
  }

  void send(Map more = [:], byte[] key, byte[] value) {
    Headers headers = more.headers ?: new RecordHeaders()
    if (more.id) {
      headers.add('event-id', more.id.toString().bytes)
    }
    produce([new ProducerRecord<byte[], byte[]>(source, more.partition as Integer, null, key, value, headers)])
  }

  /** What this pipeline wrote to the sink. */
  List<ConsumerRecord<byte[], byte[]>> outputs(String sink) {
    topicExists(sink) ? readCommitted(sink).findAll { text(it, 'source-position')?.startsWith("$source-") } : []
  }

  List<Letter> letters() {
    topicExists("$group" + '.dead-letters') ? readCommitted("$group" + '.dead-letters').collect { new Letter(it) } : []
  }

  boolean topicExists(String topic) {
    topic in admin.listTopics().names().get()
  }

  static String text(ConsumerRecord<byte[], byte[]> record, String header) {
    def found = record.headers().lastHeader(header)
    found == null ? null : new String(found.value())
  }

  /** Of all workers. */
  static List<String> troubles(StartedPipeline started) {
    started.pipeline().status().workers()*.trouble().findAll()
  }
}
