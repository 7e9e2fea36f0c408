package io.exactlyonce.deadletter

import io.exactlyonce.eventid.EventIds
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.KafkaHelper
import io.exactlyonce.local.LocalKafka
import org.apache.kafka.clients.consumer.Consumer
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.consumer.KafkaConsumer
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.KafkaException
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.common.Uuid
import org.apache.kafka.common.errors.TimeoutException
import org.apache.kafka.common.header.internals.RecordHeader
import org.apache.kafka.common.header.internals.RecordHeaders
import org.apache.kafka.common.record.TimestampType
import org.apache.kafka.common.serialization.ByteArrayDeserializer
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.Tag

import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.ZoneOffset
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.function.Supplier

/** The newest letters of a topic that may hold millions, without holding them. */
class LetterLookSpec extends BackendsSpec {

  static final Instant NOON = Instant.parse('2026-01-01T12:00:00Z')
  static final Duration BOUND = Duration.ofSeconds(20)

  String topic = unique('letters')
  List<AutoCloseable> opened = []

  def cleanup() {
    opened*.close()
  }

  Consumer<byte[], byte[]> reader(String servers = bootstrapServers) {
    new KafkaConsumer<>(settings(servers), new ByteArrayDeserializer(), new ByteArrayDeserializer())
  }

  static Map<String, Object> settings(String servers) {
    ['bootstrap.servers': servers, 'isolation.level': 'read_committed', 'auto.offset.reset': 'earliest',
     'enable.auto.commit': false, 'allow.auto.create.topics': false] as Map<String, Object>
  }

  LetterLook looking(Duration bound = BOUND, Supplier<Consumer<byte[], byte[]>> consumers = { reader() }) {
    new LetterLook(consumers, 'g', topic, EventIds.of(['header:event-id', 'key'], { null })::findUsable, bound)
  }

  static LetterLook.Wanted wanted(Map<String, Object> of = [:]) {
    new LetterLook.Wanted(
        new ReplayFilter(of.since as Instant, of.until as Instant, (of.reasons ?: []) as Set, (of.exceptions ?: []) as Set,
            (of.ids ?: []) as Set, (of.positions ?: []) as Set, (of.partitions ?: []) as Set),
        (of.limit ?: 50) as int, (of.before ?: [:]) as Map<Integer, Long>)
  }

  /** Of a record at in-0@n, as the pipeline writes it at this time. */
  ProducerRecord<byte[], byte[]> letter(Map<String, Object> of = [:], int n) {
    def headers = of.id ? [new RecordHeader('event-id', (of.id as String).bytes)] : []
    def record = new ConsumerRecord<byte[], byte[]>('in', 0, n, 1L, TimestampType.CREATE_TIME, 0, 0,
        (of.key ?: 'secret-key').bytes, (of.value ?: 'secret-value') as byte[], new RecordHeaders(headers as RecordHeader[]), Optional.empty())
    def time = (of.time ?: NOON.plusSeconds(n)) as Instant
    def made = new DeadLetters(topic, (of.group ?: 'g') as String, 'H', 1024 * 1024, Clock.fixed(time, ZoneOffset.UTC))
        .letter(record, new DeadLetters.Why(null, (of.reason ?: 'the handler threw at each of 1 attempts') as String, of.cause as Throwable, 1, null, Uuid.ZERO_UUID), 1024 * 1024)
    new ProducerRecord<>(topic, (of.partition ?: 0) as Integer, time.toEpochMilli(), made.key(), made.value(), made.headers())
  }

  /** Page after page, to the last one. */
  List<List<SeenLetter>> pages(LetterLook look, Map<String, Object> of) {
    def pages = []
    def before = [:]
    while (pages.size() < 1000) {
      def found = look.look(wanted(of + [before: before])).get()
      pages << found.letters()
      before = found.before()
      if (before.isEmpty()) return pages
    }
    throw new AssertionError("without end: $before" as Object)
  }

  def "the newest come first, over all partitions, and page after page each comes once"() {
    given:
    createTopic(topic, 3)
    produce((0..<100).collect { letter(it, partition: it % 3) })

    when:
    def pages = pages(looking(), [limit: 30])

    then:
    pages.collect { it*.source()*.offset() } == (99..0).collate(30)
  }

  def "letters of which the clocks tell nonsense come once each, page after page: #what"() {
    given:
    createTopic(topic, 2)
    produce((0..<60).collect { letter(it, partition: it % 2, time: time(it)) })

    when:
    def pages = pages(looking(), [limit: 7])

    then:
    pages*.size().every { it <= 7 }
    pages.flatten()*.source()*.offset().sort() == (0..<60).toList()

    where:
    what               | time
    'they run back'    | { NOON.minusSeconds(it) }
    'they stand still' | { NOON }
    'they jump'        | { NOON.plusSeconds((it * 37) % 60) }
  }

  @Tag('long')
  def "what fits is found behind thousands that do not, and stretches before the first of them are not read for it"() {
    given:
    createTopic(topic, 2)
    produce((0..<6000).collect { letter(it, partition: it % 2, reason: it in [5, 5990] ? 'an odd one' : 'the usual') })

    when:
    def all = looking().look(wanted(reasons: ['ODD'])).get()
    def one = looking().look(wanted(reasons: ['ODD'], limit: 1)).get()

    then:
    all.letters()*.source()*.offset() == [5990, 5]
    all.before() == [:]
    one.letters()*.source()*.offset() == [5990]
    one.before().values().every { it > 2000 }
  }

  def "#filter chooses letters"() {
    given:
    createTopic(topic, 1)
    produce([letter(0, id: 'a', cause: new IOException('x')), letter(1, id: 'b', reason: 'an odd one'), letter(2, key: 'c', cause: new IllegalStateException('y'))])

    expect:
    looking().look(wanted(filter)).get().letters()*.source()*.offset() == offsets

    where:
    filter                              || offsets
    [:]                                 || [2, 1, 0]
    [since: NOON.plusSeconds(1)]        || [2, 1]
    [until: NOON.plusSeconds(1)]        || [0]
    [since: NOON.plusSeconds(3600)]     || []
    [reasons: ['odd']]                  || [1]
    [exceptions: ['IOException']]       || [0]
    [ids: ['b', 'c']]                   || [2, 1]
    [positions: [RecordPosition.parse('in-0@2')]]   || [2]
    [before: [0: 2L]]                   || [1, 0]
    [before: [7: 2L]]                   || []
  }

  def "letters that are not decided are neither shown nor waited for, and other groups' are passed over"() {
    given:
    createTopic(topic, 1)
    produce([letter(0), letter(1, group: 'other')])
    def producer = new KafkaProducer<byte[], byte[]>(['bootstrap.servers': bootstrapServers, 'transactional.id': unique('open')] as Map<String, Object>,
        new ByteArraySerializer(), new ByteArraySerializer())
    opened << ({ producer.close(Duration.ofSeconds(5)) } as AutoCloseable)
    producer.initTransactions()
    producer.beginTransaction()
    producer.send(letter(2)).get()

    when:
    def open = looking().look(wanted()).get()
    producer.commitTransaction()

    then:
    open.letters()*.source()*.offset() == [0]
    await(BOUND) { assert looking().look(wanted()).get().letters()*.source()*.offset() == [2, 0] }
  }

  def "since skips what is older by the log's own index"() {
    given:
    createTopic(topic, 1)
    produce((0..<3).collect { letter(it, time: NOON.plus(Duration.ofHours(it))) })
    def read = []
    def counting = { record -> read << record.offset(); null }
    def look = new LetterLook({ reader() }, 'g', topic, counting, BOUND)

    expect:
    look.look(wanted(since: NOON.plus(Duration.ofMinutes(90)))).get().letters()*.source()*.offset() == [2]
    0L !in read
  }

  def "neither key nor value is shown, also as an event id or in what a decoder says"() {
    given:
    createTopic(topic, 1)
    def decoders = new IllegalArgumentException('no JSON:\n\tat secret-value', new IOException('secret-value'))
    produce([letter(0, reason: 'the record cannot be decoded', cause: decoders), letter(1, reason: 'output 0 cannot be serialized', cause: decoders)])

    when:
    def letters = looking().look(wanted()).get().letters()

    then:
    letters.size() == 2
    letters*.id() == [null, null]
    letters*.message() == [null, null]
    letters*.exception() == ['java.lang.IllegalArgumentException'] * 2
    letters*.stack().every { it.readLines()[0] == 'java.lang.IllegalArgumentException' && it.readLines()[1] ==~ /\s+at [\w.]+\(.*\)/ }
    letters*.toString().every { !it.contains('secret') }
  }

  def "what a handler threw is shown with message and stack, printable and cut"() {
    given:
    createTopic(topic, 1)
    def thrown = new IOException('no luck\nat \u202eall', new IllegalStateException('inner'))
    thrown.stackTrace = thrown.stackTrace.take(3)
    produce([letter(0, id: 'id\u001b]0;x', cause: thrown)])
    def huge = letter(1)
    ['reason', 'message', 'stack', 'exception'].each { huge.headers().add("dead-letter-$it", ('x' * 200_000).bytes) }
    produce([huge])

    when:
    def letters = looking().look(wanted()).get().letters()

    then:
    letters[1].id() == 'id\\u001b]0;x'
    letters[1].message() == 'no luck\\nat \\u202eall'
    letters[1].stack().contains('java.lang.IllegalStateException: inner')
    !letters[1].stack().codePoints().anyMatch { it < 32 && it != 10 || it == 0x202e }
    letters[0].toString().length() < 8_000
  }

  def "a second look at the same time finds that one is under way, and a later one does not"() {
    given:
    createTopic(topic, 1)
    produce([letter(0)])
    def begun = new CountDownLatch(1)
    def go = new CountDownLatch(1)
    def look = looking(BOUND) {
      begun.countDown()
      go.await(20, TimeUnit.SECONDS)
      reader()
    }

    when:
    def first = CompletableFuture.supplyAsync { look.look(wanted()) }
    begun.await(20, TimeUnit.SECONDS)
    def second = look.look(wanted())
    go.countDown()

    then:
    second.empty
    first.get(20, TimeUnit.SECONDS).get().letters().size() == 1
    look.look(wanted()).get().letters().size() == 1
  }

  def "a look that fails leaves the next one free: #what"() {
    given:
    def look = looking(BOUND, consumers.curry(this))

    when:
    look.look(wanted())

    then:
    def first = thrown(KafkaException)
    first.message.contains(says)

    when:
    look.look(wanted())

    then:
    thrown(KafkaException)

    where:
    what                    | consumers                                       || says
    'no such topic'         | { LetterLookSpec s -> s.reader() }              || 'does not exist'
    'a client is not made'  | { LetterLookSpec s -> throw new KafkaException('not made') } || 'not made'
  }

  @Tag('long')
  def "a broker that falls silent #when holds a look no longer than its bound"() {
    given:
    def own = LocalKafka.start()
    opened << own
    def there = new KafkaHelper(own.bootstrapServers())
    opened << there
    there.createTopic(topic, 1, [:])
    there.produce([letter(0)])
    def look = looking(Duration.ofSeconds(3)) {
      new KafkaConsumer<byte[], byte[]>(settings(own.bootstrapServers()), new ByteArrayDeserializer(), new ByteArrayDeserializer()) {
        @Override
        void seek(TopicPartition partition, long offset) {
          super.seek(partition, offset)
          own.node(0).pause() // all is known now but the records
        }
      }
    }
    if (isBefore) own.node(0).pause()

    when:
    def from = System.nanoTime()
    look.look(wanted())

    then:
    thrown(TimeoutException)
    Duration.ofNanos(System.nanoTime() - from) < Duration.ofSeconds(6)

    cleanup:
    own.node(0).resume()

    where:
    when                   | isBefore
    'before it is asked'   | true
    'before the records'   | false
  }
}
