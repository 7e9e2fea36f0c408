package io.exactlyonce.cli

import io.exactlyonce.local.Await
import io.exactlyonce.local.KafkaHelper
import io.exactlyonce.local.LocalFiles
import io.exactlyonce.local.LocalKafka
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.local.LostAnswers
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.protocol.ApiKeys
import spock.lang.Tag

/** A commit whose answer never comes, as an operator sees it. */
class UnknownCommitSpec extends ServingSpec {

  double unknownCommits() {
    def line = get('/prometheus').v2.readLines().find { it.startsWith('pipeline_unknown_commits_total{') }
    line ? line.tokenize(' ').last() as double : -1
  }

  @Tag('long')
  def "F6: a commit whose answer never comes is counted as unknown, found out, and committed once"() {
    given: 'a broker behind a proxy that can lose answers'
    int behind = LocalPorts.free(1)[0]
    def broker = LocalKafka.start(LocalFiles.freshDirectory('lost-answers'), ['advertised.listeners': "PLAINTEXT://127.0.0.1:$behind".toString()])
    opened << broker
    def proxy = new LostAnswers(behind, broker.bootstrapServers().split(':')[1] as int)
    opened << proxy
    def own = new KafkaHelper(broker.bootstrapServers())
    opened << own
    own.createTopic('orders', 1, [:])
    serve('kafka.bootstrap.servers': "127.0.0.1:$behind", 'pipelines.relay.source': 'orders', 'pipelines.relay.sinks': 'orders-out',
        'pipelines.relay.guard.on-missing-id': 'unguarded', 'pipelines.relay.transaction-timeout': '6s', 'pipelines.relay.drain-timeout': '3s')
    awaitReady()
    own.produce([new ProducerRecord<byte[], byte[]>('orders', 'k'.bytes, 'first'.bytes)])
    assert Await.within(BOUND) { own.readCommitted('orders-out').size() == 1 }

    expect:
    unknownCommits() == 0

    when:
    proxy.lose(ApiKeys.END_TXN.id)
    own.produce([new ProducerRecord<byte[], byte[]>('orders', 'k'.bytes, 'second'.bytes)])
    assert Await.within(BOUND) { unknownCommits() > 0 }: log.toFile().text
    own.produce([new ProducerRecord<byte[], byte[]>('orders', 'k'.bytes, 'third'.bytes)])
    assert Await.within(BOUND) { own.readCommitted('orders-out').size() == 3 }: log.toFile().text

    then:
    proxy.lost() == 1
    unknownCommits() == 1
    own.readCommitted('orders-out').collect { new String(it.value()) } == ['first', 'second', 'third']
    get('/health/readiness').v1 == 200
  }
}
