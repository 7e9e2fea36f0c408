package io.exactlyonce.engine

import io.exactlyonce.handler.Event
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import spock.lang.Tag

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList

/** A record that fails waits in a retry topic, holds nothing back, and is no duplicate of itself. */
class RetryTopicsSpec extends PipelineSpec {

  static final LATER = [ordering: 'none', 'retry.attempts': '2']

  Map<String, List<Event<String>>> seen = new ConcurrentHashMap<>()
  Map<String, List<Long>> times = new ConcurrentHashMap<>()

  /** "bad3" throws at each of its first three calls. */
  Handler<String> moody() {
    String to = sink
    return { event ->
      seen.computeIfAbsent(event.value(), { new CopyOnWriteArrayList() }) << event
      times.computeIfAbsent(event.value(), { new CopyOnWriteArrayList() }) << System.currentTimeMillis()
      def failing = event.value() ==~ /bad\d+.*/ ? (event.value() =~ /\d+/)[0] as int : 0
      if (seen[event.value()].size() <= failing) throw new IOException('not yet')
      Outcome.emit(Output.to(to, event.key(), event.value()))
    } as Handler<String>
  }

  @Tag('long')
  def "it waits as long as its topic says, behind nobody, and comes as it was"() {
    when:
    run(LATER + ['retry.topics': '5s'], moody())
    produce([record('bad2', partition: 0, key: 'k')] + (0..<30).collect { record("v$it", partition: it % 3) })

    then: 'the others do not wait, nor does the offset'
    await(BOUND) { assert lag() == 0 && visible() == (0..<30).collect { "v$it".toString() }.sort() }
    times['bad2'].size() == 2

    when:
    awaitRetried('5s')

    then:
    visible().count { it == 'bad2' } == 1
    visible().size() == 31
    times['bad2'].size() == 3
    times['bad2'][2] - times['bad2'][1] >= 5000

    and: 'id, key, time and headers are the same each time'
    def events = seen['bad2']
    [events*.id(), events*.key(), events*.timestamp(), events.collect { it.headers()*.key }].every { it.toSet().size() == 1 }
    events[2].headers()*.key == ['event-id']
    events[2].source().topic() == "$name" + '.retry.5s'

    and:
    receipts()*.spans().flatten().findAll { it.topic() == source }*.delayed().flatten() == [0L]
    guarantees.receiptsJoin()
    guarantees.audit('5s').isClean()
  }

  @Tag('long')
  def "a copy from upstream that comes while it waits, and one after, are dropped; it is not"() {
    when:
    run(LATER + ['retry.topics': '5s'], moody())
    produce([record('bad2', partition: 0)])
    await(BOUND) { assert times['bad2']?.size() == 2 && lag() == 0 }
    produce([record('bad2', partition: 1), record('bad2', partition: 0)])
    await(BOUND) { assert lag() == 0 }

    then:
    visible() == []
    times['bad2'].size() == 2

    when:
    awaitRetried('5s')
    produce([record('bad2', partition: 2)])
    awaitDrained()

    then:
    visible() == ['bad2']
    receipts()*.spans().flatten()*.duplicates().flatten().size() == 3
    guarantees.audit('5s').isClean()
  }

  @Tag('long')
  def "it goes from topic to topic, then to the dead letters as what it was, where it was"() {
    when:
    run(LATER + ['retry.topics': '200ms, 500ms'], moody())
    produce([record('v', partition: 1), record('bad99', partition: 1, key: 'k'), record('bad4x', partition: 1)])
    awaitRetried('200ms', '500ms')
    def letters = readCommitted(name + '.dead-letters')

    then:
    visible() == ['bad4x', 'v']
    values(letters) == ['bad99']
    header(letters[0], 'dead-letter-topic') == source
    header(letters[0], 'dead-letter-partition') == '1'
    header(letters[0], 'dead-letter-offset') == '1'
    header(letters[0], 'dead-letter-via').startsWith("$name" + '.retry.500ms-')
    header(letters[0], 'dead-letter-attempts') == '6'
    header(letters[0], 'dead-letter-event-id') == 'bad99'
    letters[0].headers()*.key().findAll { !it.startsWith('dead-letter-') } == ['event-id']

    and:
    seen['bad99']*.source()*.topic().toUnique() == [source, "$name" + '.retry.200ms', "$name" + '.retry.500ms']
    with(guarantees.audit('200ms', '500ms')) {
      isClean()
      counts().deadLetters() == 1
    }
  }

  @Tag('long')
  def "many that fail together come back together, each once, also where the pipeline stops and starts meanwhile"() {
    when:
    def first = run(LATER + ['retry.topics': '2s', concurrency: '4'], moody())
    produce((0..<400).collect { record(it % 2 ? "v$it" : "bad2-$it", partition: it % 3) })
    await(BOUND) { assert lag() == 0 }
    first.close()
    run(LATER + ['retry.topics': '2s', concurrency: '4'], moody())
    awaitRetried('2s')

    then:
    visible() == (0..<400).collect { (it % 2 ? "v$it" : "bad2-$it").toString() }.sort()
    times.findAll { it.key.startsWith('bad') }.every { it.value.size() == 3 }
    guarantees.receiptsJoin()
    guarantees.audit('2s').isClean()
  }

  @Tag('long')
  def "without an event id, the place in the source stays its id, with the topic's"() {
    when:
    run(LATER + ['retry.topics': '200ms', 'guard.on-missing-id': 'unguarded'], moody())
    produce([record('bad2', id: null, partition: 2), record('bad2x', id: null, partition: 2)])
    awaitRetried('200ms')

    then:
    visible() == ['bad2', 'bad2x']
    def topic = admin.describeTopics([source]).allTopicNames().get()[source].topicId().toString().take(8)
    seen['bad2']*.id().toSet() == ["$source-2@0;$topic".toString()] as Set
  }

  @Tag('long')
  def "a record too large to carry its origin becomes a dead letter at once"() {
    given:
    def fat = 'bad2' + 'x' * (1024 * 1024 - 250)

    when:
    run(LATER + ['retry.topics': '200ms'], moody())
    produce([record(fat, id: 'f', key: 'f', partition: 0), record('v', partition: 0)])
    awaitDrained()

    then:
    visible() == ['v']
    header(readCommitted(name + '.dead-letters')[0], 'dead-letter-attempts') == '2'
  }
}
