package io.exactlyonce.cli

import groovy.json.JsonSlurper
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.common.TopicPartition
import picocli.CommandLine
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.time.Clock

/** The exit status says whether the event was processed, and values are shown on demand alone. */
class ExplainCommandSpec extends BackendsSpec {

  String group = unique('explained')
  String source = unique('source')
  String sink = unique('sink')
  String out
  String err

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source)
    createTopic(sink)
    createTopic(group + '.receipts')
    createTopic(group + '.dead-letters')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
    produce(pipeline.records(5L: 'id-0-4', 0, 10))
    pipeline.transaction(0, 0, 8, duplicates: [5L], dead: [6L])
  }

  def "an event that was processed is 0: its time line, what became of it, and what was read"() {
    expect:
    explain('--id', 'id-0-3') == 0
    err == ''
    def lines = out.readLines()
    lines[0] == "$source-0@3  id-0-3  PROCESSED: it has 1 output"
    lines[1] ==~ /  20\d\d-\d\d-\d\dT[\d:.]+Z +record   $source-0@3/
    lines[2] ==~ /  20\d\d-\d\d-\d\dT[\d:.]+Z +output   $sink-0@3  id-0-3\/0/
    lines[3] ==~ /  20\d\d-\d\d-\d\dT[\d:.]+Z +receipt  $group\.receipts-0@0  of $source-0@0-7, by spec/
    lines[4] == "PROCESSED: id-0-3, group $group: it has 1 output"
    lines[5] ==~ /read in \d+\.\d s: 10 records of the sources since 20\S+Z, 1 of the receipts, \d+ others/
    lines.size() == 6
  }

  @Tag('long')
  def "#what is #status: #says"() {
    expect:
    explain(*args.collect { it.replace('SOURCE', source) }) == status
    out.readLines()[-2].startsWith(says.replace('SOURCE', source).replace('GROUP', group))

    where:
    what                             | args                           || status | says
    'a position that was processed'  | ['--position', 'SOURCE-0@3']   || 0      | 'PROCESSED: SOURCE-0@3, group GROUP: it has 1 output'
    'an id that came twice'          | ['--id', 'id-0-4']             || 0      | 'PROCESSED: id-0-4, group GROUP: it has 1 output'
    'a duplicate'                    | ['--position', 'SOURCE-0@5']   || 1      | 'DUPLICATE: SOURCE-0@5, group GROUP: its event id is held by SOURCE-0@4'
    'a dead letter'                  | ['--id', 'id-0-6']             || 1      | 'DEAD_LETTER: id-0-6, group GROUP: '
    'an event that is not yet read'  | ['--id', 'id-0-9']             || 1      | 'NOT_YET: id-0-9, group GROUP: the group\'s offset is 8'
    'an id that was never seen'      | ['--id', 'no-such']            || 3      | 'NEVER_SEEN: no-such, group GROUP: no record of [SOURCE] has it'
    'an offset that is to come'      | ['--position', 'SOURCE-0@99']  || 3      | 'NEVER_SEEN: SOURCE-0@99, group GROUP: SOURCE-0 ends at 10'
    'an id from before --since'      | ['--id', 'id-0-3', '--since', '2099-01-01T00:00:00Z'] || 3 | 'NEVER_SEEN'
  }

  def "for a position no more is read than a few hundred records behind each that is looked at"() {
    given:
    produce(pipeline.records([:], 0, 20_000))

    expect:
    explain('--json', '--position', "$source-0@3") == 0
    def read = new JsonSlurper().parseText(out).read
    read.sources + read.receipts + read.others < 2_500
  }

  def "an event whose receipt is gone is 3"() {
    given:
    admin.deleteRecords([(new TopicPartition(group + '.receipts', 0)): RecordsToDelete.beforeOffset(-1)]).all().get()

    expect:
    explain('--id', 'id-0-3') == 3
    out.readLines()[-2].startsWith("UNKNOWN: id-0-3, group $group: no receipt of it is left")
  }

  def "JSON is one object on one line"() {
    expect:
    explain('--json', '--id', 'id-0-4') == 0
    out.readLines().size() == 1
    def found = new JsonSlurper().parseText(out)
    [found.group, found.asked, found.fate, found.processed, found.more, found.claim] == [group, 'id-0-4', 'PROCESSED', true, 0, null]
    found.records*.position == ["$source-0@4", "$source-0@5"]*.toString()
    found.records*.fate == ['PROCESSED', 'DUPLICATE']
    found.records*.other == [null, "$source-0@4".toString()]
    found.records[0].time_line*.what == ['RECORD', 'OUTPUT', 'RECEIPT']
    found.records[0].time_line[1].at == "$sink-0@4".toString()
    found.records[0].time_line[2].transactional_id == 'spec'
    found.read.sources == 10 && found.read.all_receipts
  }

  def "keys and values are shown on demand alone, and are no command to the terminal"() {
    given:
    produce([pipeline.record(0, 'odd\u001b[2J')])

    expect:
    explain('--id', 'id-0-3') == 0
    !out.contains('value') && !out.contains('key')
    explain('--json', '--id', 'id-0-3') == 0
    !out.contains('"value"') && !out.contains('"key"')

    and: 'of record and output'
    explain('--values', '--id', 'id-0-3') == 0
    out.readLines().findAll { it.startsWith('      ') }*.strip() == ['key: (none)', 'value: x', 'key: (none)', 'value: y']
    explain('--values', '--json', '--id', 'id-0-3') == 0
    new JsonSlurper().parseText(out).records[0].time_line*.value == ['x', 'y', null]

    and:
    explain('--position', "$source-0@10") == 1
    out.readLines()[0].contains('odd\\u001b[2J')
  }

  def "a Redis that is named and away is one line, and changes nothing else"() {
    expect:
    explain('--id', 'id-0-3', '--redis-uri', 'redis://127.0.0.1:1') == 0
    out.readLines()[-2].startsWith('claim in Redis: not known: Redis at 127.0.0.1:1 did not answer, or refused: ')
    explain('--id', 'id-0-3', '--redis-uri', redisUri) == 0
    out.readLines()[-2] == 'claim in Redis: none is held on id-0-3'
  }

  @Tag('long')
  def "what cannot be asked is 2 and says what to do: #says"() {
    expect:
    explain(*args.collect { it.replace('SOURCE', source) }) == 2
    err.startsWith('explain: ')
    err.contains(says.replace('SOURCE', source))
    out == ''

    where:
    args                                                       || says
    []                                                         || 'give one of --id ID and --position payments-3@130'
    ['--id', 'a', '--position', 'orders-3@17']                 || 'give one of --id ID and --position payments-3@130'
    ['--position', 'orders']                                   || '--position orders is no position; write orders-3@17'
    ['--position', 'SOURCE-0@x']                               || 'SOURCE-0@x is no position; write orders-3@17'
    ['--position', 'SOURCE-3@1']                               || 'there is no SOURCE-3: SOURCE has 1 partitions'
    ['--position', 'nowhere-3@1']                              || 'topic nowhere does not exist'
    ['--id', ' ']                                              || '--id is blank or too long'
    ['--id', 'a', '--since', 'yesterday']                      || '--since yesterday is no time; write'
    ['--id', 'a', '--guard-window', 'PT0S']                    || '--guard-window PT0S is no window; write PT24H'
    ['--id', 'a', '--patience', '0']                           || '--patience is 1 or more'
    ['--id', 'a', '--event-id', 'nowhere']                     || '--event-id = nowhere'
    ['--id', 'a', '--redis-uri', 'localhost']                  || '--redis-uri'
    ['--id', 'a', '--source', 'no-topic']                      || 'topic no-topic does not exist'
    ['--id', 'a', '--group', 'nobody']                         || "group nobody has no offsets, and there is no topic nobody.receipts; check the group's name"
    ['--id', 'a', '--bootstrap-servers', '127.0.0.1:1']        || 'Kafka did not answer at 127.0.0.1:1'
  }

  def "an option that there is none of is 2"() {
    expect:
    explain('--no-such-option') == 2
    err.contains('--no-such-option')
  }

  int explain(Object... args) {
    def outWriter = new StringWriter()
    def errWriter = new StringWriter()
    def given = (args.contains('--bootstrap-servers') ? [] : ['--bootstrap-servers', bootstrapServers]) +
        (args.contains('--group') ? [] : ['--group', group])
    def status = new CommandLine(new ExplainCommand([:], Clock.systemUTC()))
        .setOut(new PrintWriter(outWriter)).setErr(new PrintWriter(errWriter))
        .execute([*given, *args]*.toString() as String[])
    out = outWriter
    err = errWriter
    status
  }
}
