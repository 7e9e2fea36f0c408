package io.exactlyonce.cli.load

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.Producer
import picocli.CommandLine
import spock.lang.TempDir

/** The load command on a topic, and what is in it afterwards. */
abstract class LoadedRows extends BackendsSpec {

  @TempDir
  File dir

  String topic = unique('load')
  String out
  String err

  def setup() {
    createTopic(topic, 3)
  }

  int load(Map with = [:], String... args) {
    def outWriter = new StringWriter()
    def errWriter = new StringWriter()
    def command =
        new LoadCommand(
            new ByteArrayInputStream((with.stdin ?: '').bytes),
            [KAFKA_BOOTSTRAP_SERVERS: with.servers ?: bootstrapServers],
            with.producer ? clients(with.producer as Producer<byte[], byte[]>) : CliClients.real(),
            System::nanoTime,
            false)
    def status =
        new CommandLine(command)
            .setOut(new PrintWriter(outWriter))
            .setErr(new PrintWriter(errWriter))
            .execute(['--topic', with.topic ?: topic, *args] as String[])
    out = outWriter.toString()
    err = errWriter.toString()
    status
  }

  static CliClients clients(Producer<byte[], byte[]> producer) {
    new CliClients() {
      @Override
      Admin admin(Map<String, Object> settings) {
        CliClients.real().admin(settings)
      }

      @Override
      Producer<byte[], byte[]> producer(Map<String, Object> settings) {
        producer
      }
    }
  }

  static String id(ConsumerRecord<byte[], byte[]> record, String header = 'event-id') {
    new String(record.headers().lastHeader(header).value(), 'UTF-8')
  }

  File csv(int rows) {
    def file = new File(dir, 'rows.csv')
    file.text = 'n,account\n' + (1..rows).collect { "$it,acc-${it % 50}" }.join('\n') + '\n'
    file
  }

  File ndjson(String... lines) {
    def file = new File(dir, 'rows.ndjson')
    file.text = lines.join('\n')
    file
  }
}
