package io.exactlyonce.contract

import io.exactlyonce.config.value.OutputHeaderNames
import io.exactlyonce.deadletter.DeadLetters
import io.exactlyonce.deadletter.Letter
import io.exactlyonce.deadletter.Replayed
import io.exactlyonce.guard.RetryOrigin
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.header.Headers
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.record.TimestampType
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** The headers of records that are in topics for weeks: their names, and records that were stored with them. */
class HeaderContractSpec extends Specification {

  static final String ID = 'kG1qX3T5Rf6xM0m2T2cN5Q'

  @Shared
  Contract contract = new Contract('headers')

  /** Of outputs, of waiting and replayed records, and whatever DeadLetters adds to its prefix. */
  @Shared
  List<String> now = OutputHeaderNames.standard().with { [it.eventId(), it.sourcePosition()] } + [Replayed.LETTER, Replayed.SOURCE, Replayed.TOPIC_ID] +
      RetryOrigin.of(record([:]), Uuid.fromString(ID)).mark(record([:])).toArray()*.key() + ofDeadLetters()

  static List<String> ofDeadLetters() {
    def code = Files.readString(Path.of('src/main/java/io/exactlyonce/deadletter/DeadLetters.java'))
    ([DeadLetters.PREFIX + 'topic'] + (code =~ /add\(\w+, "([a-z-]+)"/).collect { DeadLetters.PREFIX + it[1] }).unique()
  }

  static ConsumerRecord<byte[], byte[]> record(Map<String, String> headers) {
    Headers all = new RecordHeaders(headers.collect { name, value -> new RecordHeader(name, value.bytes) } as org.apache.kafka.common.header.Header[])
    new ConsumerRecord<>('orders', 3, 77L, 1234L, TimestampType.CREATE_TIME, 1, 1, 'k'.bytes, 'v'.bytes, all, Optional.empty())
  }

  def "every header that was promised is still written"() {
    expect: 'else who reads the topics no longer finds it'
    contract.broken(now) == []
  }

  def "every header is promised"() {
    expect: "else: mvn test -Dtest='*ContractSpec' -Dcontracts.write=true"
    contract.unwritten(now) == []
  }

  def "a dead letter of an earlier version is read"() {
    given:
    def letter = new Letter(record([own: 'x', 'dead-letter-topic': 'orders', 'dead-letter-topic-id': ID, 'dead-letter-partition': '3', 'dead-letter-offset': '77',
        'dead-letter-timestamp': '1234', 'dead-letter-event-id': 'o-1', 'dead-letter-reason': 'the handler threw', 'dead-letter-group': 'orders', 'dead-letter-handler': 'shop.OrderHandler',
        'dead-letter-attempts': '3', 'dead-letter-time': '2026-01-01T12:00:00Z', 'dead-letter-exception': 'java.io.IOException', 'dead-letter-message': 'away', 'dead-letter-stack': 'at x']))

    expect:
    letter.source().toString() == 'orders-3@77'
    letter.topicId().toString() == ID
    [letter.group(), letter.reason(), letter.exception(), letter.message(), letter.stack()] == ['orders', 'the handler threw', 'java.io.IOException', 'away', 'at x']
    letter.time().toString() == '2026-01-01T12:00:00Z'
    letter.ownHeaders().toArray()*.key() == ['own']
  }

  def "a record that an earlier version left waiting or replayed is known as such"() {
    expect:
    RetryOrigin.find(record(['retry-from': "$ID 3 77 1234 2 1767268800000 orders".toString()])).get() ==
        new RetryOrigin('orders', 3, 77, Uuid.fromString(ID), 1234, 2, 1767268800000)

    and:
    with(Replayed.of(record(['replay-of': 'orders.dead-letters-0@5', 'replay-source': 'orders-3@77', 'replay-source-topic-id': ID]).headers())) {
      letter().toString() == 'orders.dead-letters-0@5'
      source().toString() == 'orders-3@77'
      topicId().toString() == ID
    }
  }
}
