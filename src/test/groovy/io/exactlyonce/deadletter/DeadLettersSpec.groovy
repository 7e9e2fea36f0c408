package io.exactlyonce.deadletter

import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.record.TimestampType
import org.apache.kafka.common.record.internal.AbstractRecords
import org.apache.kafka.common.record.internal.CompressionType
import org.apache.kafka.common.record.internal.RecordBatch
import spock.lang.Specification

import java.time.Clock
import java.time.Instant
import java.time.ZoneOffset

class DeadLettersSpec extends Specification {

  static final NOON = Clock.fixed(Instant.parse('2026-01-01T12:00:00Z'), ZoneOffset.UTC)

  static DeadLetters letters(int mostBytes = 1024 * 1024) {
    new DeadLetters('dlq', 'g', 'com.example.Handler', mostBytes, NOON)
  }

  static ConsumerRecord<byte[], byte[]> record(byte[] key, byte[] value, List<RecordHeader> headers = []) {
    new ConsumerRecord<>('in', 3, 77L, 1234L, TimestampType.CREATE_TIME, key?.length ?: -1, value?.length ?: -1,
        key, value, new RecordHeaders(headers as org.apache.kafka.common.header.Header[]), Optional.empty())
  }

  static Map<String, String> added(ProducerRecord<byte[], byte[]> letter) {
    letter.headers().findAll { it.key().startsWith('dead-letter-') }
        .collectEntries { [it.key() - 'dead-letter-', new String(it.value(), 'UTF-8')] }
  }

  /** As the producer reckons it before it sends. */
  static int size(ProducerRecord<byte[], byte[]> letter) {
    AbstractRecords.estimateSizeInBytesUpperBound(RecordBatch.CURRENT_MAGIC_VALUE, CompressionType.NONE,
        letter.key(), letter.value(), letter.headers().toArray())
  }

  def "key, value and headers are as they were, and ours come behind"() {
    given:
    def original = [new RecordHeader('h', 'one'.bytes), new RecordHeader('h', 'two'.bytes), new RecordHeader('null', (byte[]) null),
                    new RecordHeader('bytes', [0, -1] as byte[])]
    def key = [1, 0, -1] as byte[]
    def value = [0xC3, 0x28, 0] as byte[]

    when:
    def letter = letters().letter(record(key, value, original), 'why', null, 2)

    then:
    letter.topic() == 'dlq'
    letter.partition() == null
    letter.timestamp() == null
    letter.key().is(key)
    letter.value().is(value)
    letter.headers().toArray().take(4) as List == original
    added(letter) == [
        topic: 'in', 'topic-id': org.apache.kafka.common.Uuid.ZERO_UUID.toString(), partition: '3', offset: '77', timestamp: '1234', reason: 'why', group: 'g',
        handler: 'com.example.Handler', attempts: '2', time: '2026-01-01T12:00:00Z']
  }

  def "the record itself is left alone"() {
    given:
    def record = record('k'.bytes, 'v'.bytes, [new RecordHeader('h', 'x'.bytes)])

    when:
    letters().letter(record, 'why', new IOException('x'), 1)

    then:
    record.headers()*.key() == ['h']
  }

  def "a record without key and value makes a letter without them"() {
    expect:
    with(letters().letter(record(null, null), 'why', null, 0)) {
      it.key() == null
      it.value() == null
    }
  }

  def "what was thrown is told: class, message and stack"() {
    when:
    def told = added(letters().letter(record(null, 'v'.bytes), 'why', new IOException(message as String), 1))

    then:
    told.exception == 'java.io.IOException'
    told.message == text
    told.stack.startsWith('java.io.IOException')
    told.stack.contains('DeadLettersSpec')

    where:
    message   || text
    'no luck' || 'no luck'
    'naïve'   || 'naïve'
    null      || 'null'
  }

  def "an exception that throws an Error when it is asked makes a letter all the same, which says so"() {
    given:
    def mute = new RuntimeException() {
      @Override
      String getMessage() {
        throw new StackOverflowError()
      }
    }

    when:
    def told = added(letters().letter(record(null, 'v'.bytes), 'why', mute, 1))

    then:
    told.message == 'not available: reading it from the exception threw java.lang.StackOverflowError'
    told.stack == told.message
  }

  def "long reasons, messages and stacks are cut, and show it"() {
    when:
    def told = added(letters().letter(record(null, 'v'.bytes), 'r' * 5000, new IOException('m' * 5000), 1))

    then:
    told.reason == 'r' * 1000 + ' ...'
    told.message == 'm' * 1000 + ' ...'
    told.stack.length() == 4004
  }

  def "a letter of a letter tells of both, and the last header is the newest"() {
    given:
    def first = letters().letter(record('k'.bytes, 'v'.bytes), 'first', null, 1)
    def again = record(first.key(), first.value(), first.headers().toArray() as List)

    expect:
    letters().letter(again, 'second', null, 1).headers().headers('dead-letter-reason').collect { new String(it.value()) } ==
        ['first', 'second']
  }

  def "whatever the value's size, the letter fits into #most bytes, and a cut value says what it was (#what)"() {
    given:
    def letters = letters(most)
    def sizes = (0..most + 200).step(most.intdiv(200)) + ((most - 2500)..(most + 50)).step(7)

    expect:
    sizes.every { size ->
      def value = new byte[size]
      Arrays.fill(value, (byte) 7)
      def letter = letters.letter(record(key, value, headers), 'warum nicht: ä', cause, 3)
      def told = added(letter)['value-cut-from']
      assert DeadLettersSpec.size(letter) <= most
      assert told == null ? letter.value().is(value) : told == "$size" && letter.value().length < size
      assert Arrays.equals(letter.value(), Arrays.copyOf(value, letter.value().length))
      true
    }

    where:
    what                  | most      | key             | headers                                      | cause
    'bare'                | 20_000    | null            | []                                           | null
    'key and headers'     | 20_000    | new byte[3000]  | [new RecordHeader('trace', new byte[5000])]  | null
    'thrown'              | 20_000    | new byte[10]    | []                                           | new IOException('ä' * 900)
    'the usual bound'     | 1_048_576 | new byte[100]   | [new RecordHeader('a', null)]                | new IllegalStateException('x')
    'letters of a letter' | 20_000    | new byte[10]    | ['topic', 'x', 'y'].collect { new RecordHeader("dead-letter-$it", new byte[8000]) } | null
    'names of many bytes' | 20_000    | null            | [new RecordHeader('ä' * 9_000, new byte[9])] | null
    'many small headers'  | 20_000    | null            | (1..300).collect { new RecordHeader("h$it", new byte[3]) } | null
  }

  def "a value that fits is not cut"() {
    given:
    def value = new byte[1024 * 1024 - 1000]

    expect:
    letters().letter(record('k'.bytes, value), 'why', null, 1).value().is(value)
  }
}
