package com.example.payments

import io.exactlyonce.local.Await
import io.exactlyonce.local.KafkaHelper
import io.exactlyonce.local.LocalKafka
import org.apache.kafka.clients.admin.NewPartitions
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.serialization.StringSerializer
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.lang.Tag

import java.time.Duration

import static com.example.payments.PaymentsApp.json

/** On a broker of its own, because the sample's topics have fixed names. */
class PaymentHttpSpec extends Specification {

  static final BOUND = Duration.ofSeconds(30)
  static final PAYMENT = '{"debtor":"alice","creditor":"bob","cents":250,"currency":"EUR"}'

  @Shared
  @AutoCleanup
  LocalKafka broker = LocalKafka.start()

  @Shared
  @AutoCleanup
  KafkaHelper kafka = new KafkaHelper(broker.bootstrapServers())

  @Shared
  @AutoCleanup
  PaymentsApp app

  def setupSpec() {
    kafka.createTopic('payments', 2, [:])
    kafka.createTopic('ledger', 2, [:])
    app = new PaymentsApp(broker.bootstrapServers())
  }

  def "a payment is accepted under its Idempotency-Key and is on the log"() {
    when:
    def response = app.pay(PAYMENT, 'Idempotency-Key': 'order-1')
    def records = kafka.readCommitted('payments').findAll { text(it.headers().lastHeader('event-id').value()) == 'order-1' }

    then:
    response.statusCode() == 202
    json(response) == [eventId: 'order-1']
    records.size() == 1
    text(records[0].key()) == 'alice'
    json(records[0].value()) == json(PAYMENT.bytes)
  }

  def "a payment whose Idempotency-Key is #fault is refused"() {
    when:
    def response = app.pay(headers, PAYMENT)

    then:
    response.statusCode() == 400
    json(response).error == "the header Idempotency-Key is $fault"
    json(response).remedy

    where:
    headers                            || fault
    [:]                                || 'missing'
    ['Idempotency-Key': ' ']           || 'blank'
    ['Idempotency-Key': 'k' * 201]     || 'too long'
  }

  def "an Idempotency-Key of 200 characters is accepted"() {
    expect:
    app.pay(PAYMENT, 'Idempotency-Key': 'k' * 200).statusCode() == 202
  }

  def "the body #body is refused: #error"() {
    when:
    def response = app.pay(body, 'Idempotency-Key': 'order-2')

    then:
    response.statusCode() == 400
    json(response).error == error
    json(response).remedy
    !response.body().contains('secret')

    where:
    body                                                                          || error
    ''                                                                            || 'the body is not a payment'
    'secret'                                                                      || 'the body is not a payment'
    '{"debtor":"secret"'                                                          || 'the body is not a payment'
    'null'                                                                        || 'the body is not a payment'
    '[]'                                                                          || 'the body is not a payment'
    '{"debtor":{"secret":1},"creditor":"bob","cents":1,"currency":"EUR"}'         || 'the body is not a payment'
    '{"debtor":"alice","creditor":"bob","cents":"secret","currency":"EUR"}'       || 'the body is not a payment'
    '{"debtor":"alice","creditor":"bob","cents":12.5,"currency":"EUR"}'           || 'cents is not a whole number below 10^18'
    '{"debtor":"alice","creditor":"bob","cents":1e999999999,"currency":"EUR"}'    || 'cents is not a whole number below 10^18'
    '{}'                                                                          || 'debtor is missing'
    '{"debtor":"alice","creditor":"bob","currency":"EUR"}'                        || 'cents is missing'
    '{"debtor":"alice","creditor":"bob","cents":0,"currency":"EUR"}'              || 'cents is not above 0'
    '{"debtor":"secret","creditor":"secret","cents":1,"currency":"EUR"}'          || 'creditor is the debtor'
    '{"debtor":"alice","creditor":"bob","cents":1,"currency":"secret"}'           || 'currency is not three capital letters'
  }

  def "a balance adds up what was committed, and nothing that was aborted"() {
    given:
    def producer = transactional()

    when:
    producer.initTransactions()
    producer.beginTransaction()
    [[0, line('carol', -500, 'EUR')], [1, line('carol', 200, 'EUR')], [1, line('carol', 7, 'USD')]].each { partition, value ->
      producer.send(new ProducerRecord('ledger', partition, 'carol', value))
    }
    producer.commitTransaction()
    producer.beginTransaction()
    producer.send(new ProducerRecord('ledger', 0, 'carol', line('carol', -9_999, 'EUR')))
    producer.flush()
    producer.abortTransaction()
    producer.beginTransaction()
    producer.send(new ProducerRecord('ledger', 0, 'dave', line('dave', 1, 'EUR')))
    producer.commitTransaction()

    then: 'the line behind the aborted one shows that it was passed'
    Await.within(BOUND) { app.account('dave').statusCode() == 200 && json(app.account('carol'))?.entries == 3 }
    json(app.account('carol')) == [account: 'carol', cents: [EUR: -300, USD: 7], entries: 3]

    cleanup:
    producer?.close()
  }

  def "an account without a ledger line is not found"() {
    when:
    def response = app.account('nobody')

    then:
    response.statusCode() == 404
    json(response).error
    json(response).remedy
  }

  def "a ledger record that is no ledger line is passed over and counted"() {
    given:
    def before = app.balances.unreadable()

    when:
    kafka.produce(['not json', '[]', 'null', '{}', null, line('erin', 5, 'EUR')].collect {
      new ProducerRecord<byte[], byte[]>('ledger', 0, 'erin'.bytes, it?.bytes)
    })

    then:
    Await.within(BOUND) { app.account('erin').statusCode() == 200 }
    app.balances.unreadable() - before == 5
  }

  @Tag('long')
  def "a rebalance counts no line twice"() {
    given:
    kafka.produce([new ProducerRecord<byte[], byte[]>('ledger', 0, 'heidi'.bytes, line('heidi', 5, 'EUR').bytes)])
    assert Await.within(BOUND) { app.account('heidi').statusCode() == 200 }

    when: 'a new partition makes the group assign all of them anew'
    kafka.admin().createPartitions(ledger: NewPartitions.increaseTo(3)).all().get()
    assert Await.within(BOUND) { kafka.admin().describeTopics(['ledger']).allTopicNames().get().ledger.partitions().size() == 3 }
    kafka.produce([new ProducerRecord<byte[], byte[]>('ledger', 2, 'ivan'.bytes, line('ivan', 7, 'EUR').bytes)])

    then:
    Await.within(BOUND) { app.account('ivan').statusCode() == 200 && app.account('heidi').statusCode() == 200 }
    json(app.account('heidi')) == [account: 'heidi', cents: [EUR: 5], entries: 1]
  }

  def "a view that is started later reads the ledger from its beginning"() {
    given:
    kafka.produce([new ProducerRecord<byte[], byte[]>('ledger', 'frank'.bytes, line('frank', 5, 'EUR').bytes)])
    def later = new PaymentsApp(broker.bootstrapServers())

    expect:
    Await.within(BOUND) { later.account('frank').statusCode() == 200 }

    cleanup:
    later?.close()
  }

  @Tag('long')
  def "without Kafka the application starts, refuses payments in time, and comes alive with Kafka"() {
    given:
    def broker = LocalKafka.start()
    broker.node(0).kill()
    def app = new PaymentsApp(broker.bootstrapServers())

    when:
    def start = System.nanoTime()
    def response = app.pay(PAYMENT, 'Idempotency-Key': 'order-3')
    def took = Duration.ofNanos(System.nanoTime() - start)

    then:
    response.statusCode() == 503
    response.headers().firstValue('Retry-After').present
    json(response).error
    json(response).remedy
    took < Duration.ofSeconds(5)
    app.account('grace').statusCode() == 404

    when:
    broker.node(0).restart()
    def kafka = new KafkaHelper(broker.bootstrapServers())
    kafka.createTopic('payments', 1, [:])
    kafka.createTopic('ledger', 1, [:])
    kafka.produce([new ProducerRecord<byte[], byte[]>('ledger', 'grace'.bytes, line('grace', 5, 'EUR').bytes)])

    then:
    Await.within(BOUND) { app.pay(PAYMENT, 'Idempotency-Key': 'order-3').statusCode() == 202 }
    Await.within(BOUND) { app.account('grace').statusCode() == 200 }

    when: 'it falls silent under a producer that is connected to it'
    broker.node(0).pause()
    start = System.nanoTime()
    response = app.pay(PAYMENT, 'Idempotency-Key': 'order-4')
    took = Duration.ofNanos(System.nanoTime() - start)

    then:
    response.statusCode() == 503
    took < Duration.ofSeconds(5)

    cleanup:
    broker?.close()
    app?.close()
    kafka?.close()
  }

  private KafkaProducer<String, String> transactional() {
    def settings = ['bootstrap.servers': broker.bootstrapServers(), 'transactional.id': 'spec'] as Map<String, Object>
    new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())
  }

  private static String line(String account, long cents, String currency) {
    /{"account":"$account","paymentId":"p-1","cents":$cents,"currency":"$currency","counterparty":"x"}/
  }

  private static String text(byte[] bytes) {
    new String(bytes, 'UTF-8')
  }
}
