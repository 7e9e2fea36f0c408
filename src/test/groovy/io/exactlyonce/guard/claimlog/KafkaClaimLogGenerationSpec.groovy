package io.exactlyonce.guard.claimlog

import io.exactlyonce.guard.GuardLostException
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.Generation
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.ReceiptReader
import io.exactlyonce.receipt.Receipts
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.admin.FenceProducersOptions
import org.apache.kafka.clients.admin.FenceProducersResult
import org.apache.kafka.clients.admin.ForwardingAdmin
import org.apache.kafka.clients.admin.TransactionState
import org.apache.kafka.clients.consumer.Consumer
import org.apache.kafka.clients.consumer.ConsumerRecord
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.errors.TimeoutException
import org.apache.kafka.common.serialization.ByteArraySerializer
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.lang.reflect.Proxy
import java.time.Clock
import java.time.Duration
import java.util.function.Supplier

/** The newest generation of claims stands in the receipts: how it gets there, and how it is found. */
class KafkaClaimLogGenerationSpec extends BackendsSpec {

  String group = unique('generations')
  String source = unique('source')
  String sink = unique('sink')
  List<Long> polled = []
  List<TransactionState> states = []

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 2)
    createTopic(group + '.receipts', 3)
    createTopic(group + '.dead-letters')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
  }

  def "generations are numbered in the order in which they are announced, in every partition"() {
    expect:
    log().newest() == ''

    when:
    def first = next(log())
    def second = next(log())

    then:
    Generation.number(first) == 1
    Generation.number(second) == 2
    log().newest() == second
    begun() == [0, 1, 2].collectMany { [[it, first], [it, second]] }

    and: 'a group with no other receipts than these never committed'
    log().isEmpty()
  }

  def "an announcement that was aborted is none, and its number is given again"() {
    given:
    def first = next(log())

    when:
    aborted('2-never')

    then:
    log().newest() == first

    when:
    def second = next(log())

    then:
    Generation.number(second) == 2
    log().newest() == second
  }

  @Tag('long')
  def "what workers write carries it: it is found behind #receipts receipts, by the last of them"() {
    given:
    def first = next(log())
    produce(pipeline.records(0, receipts))
    receipts.times { pipeline.transaction(0, it, it + 1, generation: first, outputs: []) }
    polled.clear()

    expect:
    log().newest() == first
    polled.sum() < 400

    where:
    receipts << [500]
  }

  @Tag('long')
  def "receipts without one do not hide it, within bounds"() {
    given: 'more than are looked at first'
    def first = next(log())
    produce(pipeline.records(0, 300))
    ['w-1', 'w-2', 'w-3', 'w-4', 'w-5', 'w-6'].eachWithIndex { worker, i ->
      50.times { pipeline.transaction(0, i * 50 + it, i * 50 + it + 1, worker: worker, outputs: []) }
    }

    expect:
    log().newest() == first
  }

  def "records that are processed without a guard behind the newest generation are told of, until the next"() {
    given: 'a pipeline that had no guard at first'
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 5, outputs: [])

    expect:
    log().newest() == ''
    log().unguarded() != ''

    when:
    def first = next(log())
    pipeline.transaction(0, 5, 10, worker: 'w-1', generation: first, outputs: [])

    then:
    log().unguarded() == ''

    when: 'the guard is switched off, and a rewind is no work of a pipeline'
    pipeline.transaction(0, 10, 2, worker: 'w-1', counts: 0, outputs: [])

    then:
    log().unguarded() == ''

    when:
    pipeline.transaction(0, 2, 20, worker: 'w-1', outputs: [])

    then:
    log().unguarded() ==~ /\Q${group}\E\.receipts-\d@\d+/
    log().newest() == first

    when: 'and on again'
    def second = next(log())

    then:
    log().unguarded() == ''

    when:
    pipeline.transaction(0, 20, 30, worker: 'w-2', generation: second, outputs: [])

    then:
    log().unguarded() == ''
  }

  def "the receipts of a transaction that is open hold nobody up"() {
    given:
    def first = next(log())
    def open = pipeline.producer('w-7')
    open.beginTransaction()
    (0..2).each { open.send(new ProducerRecord(group + '.receipts', it, null, receipt(first))) }
    open.flush()
    long began = System.nanoTime()

    expect:
    log().newest() == first
    System.nanoTime() - began < 4_000_000_000

    cleanup:
    open?.abortTransaction()
  }

  @Tag('long')
  def "while one is announced the newest is not told; whoever asks is told who is waited for"() {
    given:
    next(log())
    def announcer = producer(KafkaClaimLog.announcerId(group))
    announcer.initTransactions()
    announcer.beginTransaction()
    announcer.send(new ProducerRecord(group + '.receipts', 0, null, receipt('')))
    announcer.flush()

    when:
    log().newest()

    then:
    def e = thrown(TimeoutException)
    e.message.contains("its transaction $group:generation is still open after 5 s")

    when: 'another one takes it over'
    def second = next(log())

    then:
    Generation.number(second) == 2
    log().newest() == second

    cleanup:
    announcer?.close(Duration.ZERO)
  }

  def "workers whose producers were made before are fenced while the announcement is open, not before and not after"() {
    given:
    def worker = producer(group + '.a-0-a')
    worker.initTransactions()

    when:
    new KafkaClaimLog(clients({ watched() }), scope(), claimants(), Clock.systemUTC()).announce { '1-a' }
    worker.beginTransaction()
    worker.send(new ProducerRecord(sink, 0, null, 'x'.bytes)).get()

    then:
    thrown(Exception)
    states == [TransactionState.ONGOING]

    cleanup:
    worker?.close(Duration.ZERO)
  }

  def "what refuses the next generation fences nobody and announces nothing"() {
    given:
    def worker = producer(group + '.a-0-a')
    worker.initTransactions()

    when:
    log().announce { throw new GuardLostException('others were first') }

    then:
    thrown(GuardLostException)
    log().newest() == ''

    when:
    worker.beginTransaction()
    worker.send(new ProducerRecord(sink, 0, null, 'x'.bytes)).get()
    worker.commitTransaction()

    then:
    noExceptionThrown()

    cleanup:
    worker?.close(Duration.ZERO)
  }

  def "a receipts topic that was made anew knows none, and is no sign that nothing was committed"() {
    given:
    produce(pipeline.records(0, 10))
    pipeline.transaction(0, 0, 10, receipt: false)

    expect:
    !log().isEmpty()

    when:
    next(log())

    then:
    !log().isEmpty()

    and: 'its claims are found by the offsets'
    def found = []
    log().replay { key, position -> found << new String(key) }
    found.empty
    log().with { replay({ k, p -> }); missing().most() } == 10
  }

  /** Sees how the announcement's transaction stands when producers are fenced. */
  private Admin watched() {
    def real = Admin.create('bootstrap.servers': bootstrapServers)
    new ForwardingAdmin(['bootstrap.servers': bootstrapServers] as Map<String, Object>) {
      @Override
      FenceProducersResult fenceProducers(Collection<String> ids, FenceProducersOptions options) {
        def id = KafkaClaimLog.announcerId(group)
        states << real.describeTransactions([id]).description(id).get().state()
        super.fenceProducers(ids, options)
      }

      @Override
      void close(Duration timeout) {
        real.close(Duration.ZERO)
        super.close(timeout)
      }
    }
  }

  private static String next(KafkaClaimLog log) {
    log.announce { Generation.after(it) }
  }

  private void aborted(String generation) {
    def announcer = producer(KafkaClaimLog.announcerId(group))
    announcer.initTransactions()
    announcer.beginTransaction()
    (0..2).each { announcer.send(new ProducerRecord(group + '.receipts', it, null, begins(generation))) }
    announcer.flush()
    announcer.abortTransaction()
    announcer.close()
  }

  private static byte[] receipt(String generation) {
    Receipts.write(new Receipt('w', 'x', 1, [], new TreeMap<>(), [], generation))
  }

  private static byte[] begins(String generation) {
    def decision = new Receipt.Decision(generation, Generation.DONE, 'a spec')
    Receipts.write(new Receipt('w', 'x', 1, [], new TreeMap<>(), [decision], ''))
  }

  private List begun() {
    readCommitted(group + '.receipts')
        .collect { [it.partition(), Generation.begunBy(ReceiptReader.read(it.value()))] }
        .findAll { it[1] }
        .sort { a, b -> a[0] <=> b[0] ?: Generation.number(a[1] as String) <=> Generation.number(b[1] as String) }
  }

  private KafkaClaimLog log() {
    new KafkaClaimLog(clients({ Admin.create('bootstrap.servers': bootstrapServers) }), scope(), claimants(), Clock.systemUTC())
  }

  private KafkaClaimLog.Clients clients(Supplier<Admin> admins) {
    new KafkaClaimLog.Clients(
        admins,
        { pipeline.consumer() },
        { counted() },
        { producer(KafkaClaimLog.announcerId(group)) })
  }

  /** Notes how many records each poll brings. */
  private counted() {
    def real = pipeline.consumer('read_uncommitted')
    Proxy.newProxyInstance(getClass().classLoader, [Consumer] as Class[]) { proxy, method, arguments ->
      def answer = method.invoke(real, arguments)
      if (method.name == 'poll') polled << (answer.count() as long)
      answer
    } as Consumer<byte[], byte[]>
  }

  private KafkaClaimLog.Scope scope() {
    new KafkaClaimLog.Scope(group, [source], group + '.receipts', group + '.', Duration.ofHours(24), true, false)
  }

  private static KafkaClaimLog.Claimants claimants() {
    new KafkaClaimLog.Claimants() {
      byte[] eventId(ConsumerRecord<byte[], byte[]> record) { HandMadePipeline.eventId(record) }
      byte[] origin(ConsumerRecord<byte[], byte[]> record) { null }
    }
  }

  private KafkaProducer<byte[], byte[]> producer(String id) {
    def settings = ['bootstrap.servers': bootstrapServers, 'transactional.id': id] as Map<String, Object>
    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())
  }
}
