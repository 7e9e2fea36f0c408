package io.exactlyonce.cli

import spock.lang.Specification
import spock.lang.TempDir

import java.util.zip.GZIPOutputStream

class InputSpec extends Specification {

  @TempDir
  File dir

  def "the format of #name with '#text' is #format"() {
    given:
    def file = new File(dir, name)
    file.setText(text, 'UTF-8')

    expect:
    Format.auto.of(Input.open(file.toString(), null)) == format

    where:
    name          | text         || format
    'a.csv'       | '{"a":1}'    || Format.csv
    'a.CSV'       | 'a'          || Format.csv
    'a.tsv'       | 'a\tb'       || Format.csv
    'a.ndjson'    | 'a,b'        || Format.ndjson
    'a.jsonl'     | ''           || Format.ndjson
    'a.json'      | '[1]'        || Format.ndjson
    'a.txt'       | ' \n\t {}'   || Format.ndjson
    'a.txt'       | '[1]'        || Format.ndjson
    'a.txt'       | 'a,b'        || Format.csv
    'a'           | '\uFEFF{}'   || Format.ndjson
    'a'           | ''           || Format.ndjson
  }

  def "looking at the first character consumes nothing"() {
    given:
    def input = Input.open('-', new ByteArrayInputStream('  {}'.bytes))

    expect:
    Format.auto.of(input) == Format.ndjson
    input.bytes().text == '  {}'
    input.progress() < 0
  }

  def "a packed file is unpacked, and its progress is that of the packed bytes"() {
    given:
    def file = new File(dir, 'a.csv.gz')
    new GZIPOutputStream(file.newOutputStream()).withStream { it.write('a,b\n1,2\n'.bytes) }

    when:
    def input = Input.open(file.toString(), null)

    then:
    input.name() == 'a.csv.gz'
    Format.auto.of(input) == Format.csv
    input.bytes().text == 'a,b\n1,2\n'
    input.progress() == 1.0d
  }

  def "a file that cannot be opened is named with the remedy: #what"() {
    when:
    Input.open(new File(dir, name).toString(), null)

    then:
    def failure = thrown(LoadFailure)
    failure.message.contains(new File(dir, name).toString())
    failure.message.contains(what)

    where:
    name      || what
    'nothing' || 'does not exist; name a file, or - for standard input'
    '.'       || 'is a directory'
  }
}
