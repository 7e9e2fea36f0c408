package io.exactlyonce.deadletter

import io.exactlyonce.cli.LettersCommand
import io.exactlyonce.engine.PipelineSpec
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.wiring.TestPipeline
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import picocli.CommandLine
import spock.lang.Tag

/** Dead letters are listed with what an operator needs to decide, and values only on demand. */
class LettersCommandSpec extends PipelineSpec {

  String out
  String err

  @Tag('long')
  def "each letter is a line with its place, time, event id, source, reason, exception and message"() {
    given:
    failing()
    produce([record('io-a', id: 'id-a', key: 'key-a', partition: 0), record('b', id: null, key: 'key-b', partition: 1), record('odd', id: 'id-odd', partition: 2)])
    awaitDrained()

    when:
    def status = letters()

    then:
    status == 0
    err == ''
    def lines = out.readLines()
    lines.size() == 4
    lines[-1] == '3 letters'
    line('id-a') ==~ /$name\.dead-letters-\d@0  20\d\d-\d\d-\d\dT[\d:.]+Z  id-a  $source-0@0  the handler threw at each of 1 attempts  java\.io\.IOException: no luck\\nat all/
    line('id-odd').endsWith("  id-odd  $source-2@0  an odd one")
    line('without an event id').contains("  $source-1@0  ")

    and: 'neither key, value nor stack'
    ['key-a', 'io-a', '\tat ', '    at '].every { !out.contains(it) }

    when:
    letters('--stack', '--id', 'id-a')

    then:
    out.readLines().size() > 5
    out.readLines()[1] == '    java.io.IOException: no luck'
    out.readLines()[3].startsWith('     at ')
    out.readLines()[-1] == '1 letters'
    !out.contains('key-a')

    when:
    letters('--values', '--reason', 'AN ODD')

    then:
    out.readLines()[1..2] == ['    key: odd', '    value: odd']

    when: 'none fits'
    def none = letters('--reason', 'nothing like it')

    then:
    none == 0
    out == '0 letters\n'
  }

  def "what a record brings along is no command to the terminal"() {
    given:
    failing()
    produce([record('b\u001b[2Jx\u202ey', id: 'id\u001b]0;x\u0007', key: 'k', partition: 0)])
    awaitDrained()

    when:
    letters('--values')

    then:
    out.readLines()[0].contains('id\\u001b]0;x\\u0007')
    out.readLines()[2] == '    value: b\\u001b[2Jx\\u202ey'
    !out.codePoints().anyMatch { (it < 32 && it != 10) || it == 0x202e }
  }

  @Tag('long')
  def "letters of another group in the same topic are not shown, and what is no letter is said to be none"() {
    given:
    failing()
    def other = "$name-other".toString()
    opened << TestPipeline.start(other, [source: source, sinks: "$other-out".toString(), 'dead-letters': "${name}.dead-letters".toString(), 'retry.attempts': '1'],
        { event -> Outcome.deadLetter('of the other') } as Handler<String>, bootstrapServers, redisUri)
    produce([record('a', partition: 0)])
    awaitDrained()
    await(BOUND) { assert readCommitted("${name}.dead-letters").size() == 2 }
    produce([new ProducerRecord<byte[], byte[]>("${name}.dead-letters", 0, null, 'x'.bytes, [new RecordHeader('event-id', 'stray'.bytes)])])

    when:
    letters()

    then:
    !out.contains('of the other')
    line('stray').endsWith('  stray  not a dead letter (it names no source)')
    out.readLines()[-1] == '2 letters'
  }

  def "a list that cannot be made is 2 and says why: #says"() {
    expect:
    letters(*args) == 2
    err.contains(says)

    where:
    args                                || says
    ['--dead-letters', 'no-such-topic'] || 'letters: topic no-such-topic does not exist'
    ['--since', 'yesterday']            || '--since yesterday is no time; write'
    ['--position', 'orders']            || '--position orders is no position; write'
    ['--no-such-option']                || '--no-such-option'
  }

  String line(String part) {
    out.readLines().find { it.contains("  $part  ") }
  }

  /** Its handler throws at everything, but calls what is odd by its name. */
  void failing() {
    createTopic("${name}.dead-letters", 3)
    run(['retry.attempts': '1', 'guard.on-missing-id': 'unguarded'], { event ->
      if (event.value() == 'odd') return Outcome.deadLetter('an odd one')
      throw event.value().startsWith('io') ? new IOException('no luck\nat all') : new IllegalStateException('no luck')
    } as Handler<String>)
  }

  int letters(String... args) {
    def outWriter = new StringWriter()
    def errWriter = new StringWriter()
    def status = new CommandLine(new LettersCommand())
        .setOut(new PrintWriter(outWriter)).setErr(new PrintWriter(errWriter))
        .execute(['--bootstrap-servers', bootstrapServers, '--group', name, *args] as String[])
    out = outWriter
    err = errWriter
    status
  }
}
