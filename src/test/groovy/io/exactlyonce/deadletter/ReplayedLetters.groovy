package io.exactlyonce.deadletter

import io.exactlyonce.cli.ReplayCommand
import io.exactlyonce.config.ClientConfigs
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.eventid.EventIds
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.AlterConfigOp
import org.apache.kafka.clients.admin.ConfigEntry
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.Producer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.config.ConfigResource
import org.apache.kafka.common.header.internals.RecordHeader
import picocli.CommandLine

import java.time.Clock
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap

/** A pipeline whose handler can be mended, and the command that replays its letters. */
abstract class ReplayedLetters extends PipelineSpec {

  /** Values that the handler throws at; emptied when it is mended. */
  Set<String> broken = ConcurrentHashMap.newKeySet()
  String out
  String err

  Handler<String> mendable() {
    String to = sink
    def wrong = broken
    return { event ->
      if (event.value() in wrong) throw event.value().startsWith('io') ? new IOException('no luck') : new IllegalStateException('no luck')
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  def start(Map<String, String> settings = [:]) {
    run(['retry.attempts': '1'] + settings, mendable())
  }

  int replay(String... args) {
    def outWriter = new StringWriter()
    def errWriter = new StringWriter()
    def status = new CommandLine(new ReplayCommand())
        .setOut(new PrintWriter(outWriter)).setErr(new PrintWriter(errWriter))
        .execute(['--bootstrap-servers', bootstrapServers, *('--group' in args ? [] : ['--group', name]), '--quiet', *args] as String[])
    out = outWriter
    err = errWriter
    // What it committed is read once its markers are there; until then the source looks drained.
    await(BOUND) { assert isSettled(source) }
    status
  }

  String getLast() {
    out.readLines()[-1]
  }

  List<ConsumerRecord<byte[], byte[]>> letters() {
    readCommitted("${name}.dead-letters")
  }

  List<ConsumerRecord<byte[], byte[]>> replayed() {
    readCommitted(source).findAll { it.headers().lastHeader('replay-of') != null }
  }

  int duplicates() {
    receipts()*.spans().flatten().sum { it.duplicates().size() } as int
  }

  String at(ConsumerRecord<byte[], byte[]> record) {
    "${record.topic()}-${record.partition()}@${record.offset()}"
  }

  /** A copy as some upstream, or an attacker, would write it. */
  ProducerRecord<byte[], byte[]> forged(Map<String, String> headers, String value) {
    def all = headers.collect { k, v -> new RecordHeader(k, v.bytes) }
    new ProducerRecord<byte[], byte[]>(source, 0, value.bytes, value.bytes, all)
  }

  void limit(String topic, String bytes) {
    def resource = new ConfigResource(ConfigResource.Type.TOPIC, topic)
    admin.incrementalAlterConfigs([(resource): [new AlterConfigOp(new ConfigEntry('max.message.bytes', bytes), AlterConfigOp.OpType.SET)]]).all().get()
    await(BOUND) { assert admin.describeConfigs([resource]).all().get()[resource].get('max.message.bytes').value() == bytes }
  }

  ReplayReport replayFromCode(ReplayFilter filter, Closure beforeFence) {
    def configs = new ClientConfigs(PipelineConfig.parse(name, [source: source], 'spec'), ['bootstrap.servers': bootstrapServers])
    def watcher = new Replay.Watcher() {
      void replayed(Letter letter, String id) {}
      void refused(Letter letter, String why) {}
    }
    new Replay({ Admin.create(configs.admin()) }, { group -> new KafkaConsumer(configs.reader() + ['group.id': group]) },
        { id -> new Fencing(new KafkaProducer(configs.producer(id) + ['transactional.id': id, 'transaction.timeout.ms': 10_000]), beforeFence) },
        new ReplayScope(name, "$name" + '.dead-letters', Duration.ofSeconds(30)), EventIds.of(['header:event-id'], { null })::findUsable, Clock.systemUTC())
        .run(filter, Replay.Mode.WRITE, 0, watcher)
  }

  /** Something happens right before it takes the transactional id over. */
  static class Fencing implements Producer<byte[], byte[]> {
    @Delegate
    final KafkaProducer<byte[], byte[]> producer
    final Closure before

    Fencing(KafkaProducer<byte[], byte[]> producer, Closure before) {
      this.producer = producer
      this.before = before
    }

    @Override
    void initTransactions() {
      before()
      producer.initTransactions()
    }
  }
}
