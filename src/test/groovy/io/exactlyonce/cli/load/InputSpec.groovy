package io.exactlyonce.cli.load

import io.exactlyonce.cli.common.CommandFailure
import spock.lang.Specification
import spock.lang.TempDir

import java.nio.charset.Charset
import java.util.zip.GZIPOutputStream

class InputSpec extends Specification {

  static final String LINE = 'a line of some length\n'

  @TempDir
  File dir

  def "the format of #name with '#text' is #format"() {
    given:
    def file = new File(dir, name)
    file.setText(text, 'UTF-8')

    expect:
    Format.auto.of(open(file)) == format

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
    def input = Input.open('-', new ByteArrayInputStream('  {}'.bytes), Optional.empty())

    expect:
    Format.auto.of(input) == Format.ndjson
    lines(input) == ['  {}']
    input.progress() < 0
  }

  def "a packed file is unpacked, and its progress is that of the packed bytes"() {
    given:
    def file = new File(dir, 'a.csv.gz')
    new GZIPOutputStream(file.newOutputStream()).withStream { it.write('a,b\n1,2\n'.bytes) }

    when:
    def input = open(file)

    then:
    input.name() == 'a.csv.gz'
    Format.auto.of(input) == Format.csv
    lines(input) == ['a,b', '1,2']
    input.progress() == 1.0d
  }

  def "a file that cannot be opened is named with the remedy: #what"() {
    when:
    open(new File(dir, name))

    then:
    def failure = thrown(CommandFailure)
    failure.message.contains(new File(dir, name).toString())
    failure.message.contains(what)

    where:
    name      || what
    'nothing' || 'does not exist; name a file, or - for standard input'
    '.'       || 'is a directory'
  }

  def "a packed file of several members is read to its end, under whatever name: #name"() {
    given:
    def file = write(name, gzip('a\n'), gzip('b\n'), gzip(''), gzip('c\n'), new byte[512])

    expect:
    lines(open(file)) == ['a', 'b', 'c']

    where:
    name << ['a.csv.gz', 'a.csv', 'a.GZ']
  }

  def "a file that was packed twice is unpacked twice"() {
    expect:
    lines(open(write('a.gz', gzip(gzip('a\nb\n'))))) == ['a', 'b']
  }

  def "all fields that a gzip header can have are passed over"() {
    given:
    def plain = gzip('a\n')
    def header = [0x1f, 0x8b, 8, 0x1d, 1, 2, 3, 4, 0, 3, 2, 0, 9, 9, 'n', 0, 'c', 0].collect { it as char as byte } as byte[]

    expect:
    lines(open(write('a.gz', header, Arrays.copyOfRange(plain, 10, plain.length)))) == ['a']
  }

  def "a packed file is not taken for whole where it is not: #what"() {
    when:
    def read = []
    def input = open(write('a.gz', *parts))
    while (input.text().next()) {
      read << input.text().text()
    }

    then: 'what came before it was read, and the rest is told'
    def failure = thrown(IOException)
    failure.message.contains(says)
    read == before

    where:
    what                           | parts                                             || before     | says
    'rubbish between members'      | [gzip(LINE), 'xyz'.bytes, gzip('b\n')]           || [LINE[0..-2]] | 'gzip member 2'
    'a byte lost between members'  | [gzip(LINE), (gzip('b\n') as List).drop(1) as byte[]]      || [LINE[0..-2]] | 'gzip member 2'
    'rubbish at the end'           | [gzip(LINE), 'x'.bytes]                          || [LINE[0..-2]] | 'gzip member 2'
    'plain text at the end'        | [gzip(LINE), 'b\nc\n'.bytes]                     || [LINE[0..-2]] | 'has no gzip header'
    'zeros, then another member'   | [gzip(LINE), new byte[9], gzip('b\n')]           || [LINE[0..-2]] | 'zeros, and then something else'
    'a header cut short'           | [gzip(LINE), (gzip('b\n') as List).take(5) as byte[]]      || [LINE[0..-2]] | 'cut short'
    'data cut short'               | [gzip(LINE), (gzip('b\n') as List).take(12) as byte[]]     || [LINE[0..-2]] | 'cut short'
    'a check sum cut short'        | [gzip(LINE), (gzip('b\n') as List).dropRight(3) as byte[]] || [LINE[0..-2], 'b'] | 'cut short'
    'another check sum'            | [flipped(gzip(LINE), -6), gzip('b\n')]           || [LINE[0..-2]] | 'another check sum'
    'another size'                 | [flipped(gzip(LINE), -2), gzip('b\n')]           || [LINE[0..-2]] | 'another check sum'
    'damaged data'                 | [gzip(LINE), flipped(gzip(LINE), 20)]              || [LINE[0..-2]] | 'gzip member 2'
    'unknown flags'                | [gzip(LINE), flipped(gzip('b\n'), 3, 0x80)]      || [LINE[0..-2]] | 'unknown flags'
  }

  def "what is packed in another way, or is no text, is refused by what it is: #says"() {
    when:
    open(write(name, begins as byte[], new byte[40]))

    then:
    def failure = thrown(CommandFailure)
    failure.message.contains(says)

    where:
    name       | begins                              || says
    'a.csv'    | [0x50, 0x4b, 3, 4]                  || 'a.csv is a zip archive; unpack it first'
    'a.gz'     | [0x50, 0x4b, 3, 4]                  || 'a.gz is a zip archive; unpack it first'
    'a.gz'     | [0x28, 0xb5, 0x2f, 0xfd]            || 'a.gz is packed by zstd; unpack it first, say: zstd -dc'
    'a.ndjson' | [0x28, 0xb5, 0x2f, 0xfd]            || 'packed by zstd'
    'a.gz'     | [0x42, 0x5a, 0x68, 0x39]            || 'packed by bzip2'
    'a.csv'    | [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]   || 'packed by xz'
    'a.csv'    | [0x50, 0x41, 0x52, 0x31]            || 'a Parquet file'
    'a.csv.gz' | [0x61, 0x2c, 0x62]                  || 'a.csv.gz is no gzip file; fetch it again'
  }

  def "an empty file under a packed file's name is not an empty file"() {
    when:
    open(write('a.gz'))

    then:
    def failure = thrown(CommandFailure)
    failure.message.contains('a.gz is empty; fetch it again')
  }

  def "text in #charset is read as its byte order mark says, to the last character"() {
    given:
    def text = 'id,name\n1,Zürich €😀\n'

    expect:
    lines(open(write('a.csv', mark as byte[], text.getBytes(charset)))) == ['id,name', '1,Zürich €😀']

    where:
    charset    | mark
    'UTF-8'    | [0xef, 0xbb, 0xbf]
    'UTF-16LE' | [0xff, 0xfe]
    'UTF-16BE' | [0xfe, 0xff]
    'UTF-32LE' | [0xff, 0xfe, 0, 0]
    'UTF-32BE' | [0, 0, 0xfe, 0xff]
  }

  def "text in #charset without a mark is refused with the option that reads it"() {
    given:
    def file = write('a.csv', 'id,name\n1,Zürich €😀\n'.getBytes(charset))

    when:
    open(file)

    then:
    def failure = thrown(CommandFailure)
    failure.message.contains("it looks like $charset: say so with --encoding $charset")
    lines(open(file, charset)) == ['id,name', '1,Zürich €😀']

    where:
    charset << ['UTF-16LE', 'UTF-16BE', 'UTF-32LE', 'UTF-32BE']
  }

  def "an encoding that the bytes contradict is refused: #named"() {
    when:
    open(write('a.csv', bytes as byte[]), named)

    then:
    def failure = thrown(CommandFailure)
    failure.message.contains(says)

    where:
    named          | bytes                          || says
    'windows-1252' | [0xef, 0xbb, 0xbf, 0x61]       || 'begins with the byte order mark of UTF-8; leave the option out'
    'UTF-16LE'     | [0xfe, 0xff, 0, 0x61]          || 'byte order mark of UTF-16BE'
    'UTF-16LE'     | [0, 0x61, 0, 0x62]             || 'it looks like UTF-16BE'
    'UTF-8'        | [0x61, 0, 0x62, 0]             || 'it looks like UTF-16LE'
    'UTF-16'       | [0x61, 0x62, 0x63, 0x64]       || 'add LE or BE to the name'
  }

  def "half a character at the end of a text is not left out: #charset"() {
    given:
    def bytes = 'a\nb€'.getBytes(charset)
    def input = open(write('a.csv', (bytes as List).dropRight(1) as byte[]), charset)
    input.text().next()
    input.text().next()

    when:
    input.text().check(100)

    then:
    def bad = thrown(BadRow)
    bad.message == "not valid $charset"

    where:
    charset << ['UTF-8', 'UTF-16LE', 'UTF-32BE']
  }

  def "a file that is written to while it is read is told: #what"() {
    given:
    def file = write('a.csv', ('a\n' * 100_000).bytes)
    def input = open(file)
    input.text().next()

    when:
    change(file)
    lines(input)
    input.checkUnchanged()

    then:
    def failure = thrown(IOException)
    failure.message.contains('it was changed while it was read: 200000 bytes when it was opened')

    where:
    what      | change
    'grown'   | { File f -> f << 'b\n' }
    'cut'     | { File f -> new RandomAccessFile(f, 'rw').withCloseable { it.length = 100_000 } }
    'touched' | { File f -> f.lastModified = 1_000 }
  }

  def "a name that is no path is told with the remedy, and no stack"() {
    when:
    Input.open('a\u0000b.csv', null, Optional.empty())

    then:
    def failure = thrown(CommandFailure)
    failure.message.contains('cannot be said in this locale')
    failure.message.contains('load - < FILE')
  }

  private static byte[] gzip(Object content) {
    def packed = new ByteArrayOutputStream()
    new GZIPOutputStream(packed).withStream { it.write(content instanceof byte[] ? content : content.toString().bytes) }
    packed.toByteArray()
  }

  private static byte[] flipped(byte[] bytes, int at, int by = 0x55) {
    bytes[at] = (byte) (bytes[at] ^ by)
    bytes
  }

  private File write(String name, Object... parts) {
    def file = new File(dir, name)
    file.withOutputStream { out -> parts.each { out.write(it as byte[]) } }
    file
  }

  private static Input open(File file, String charset = null) {
    Input.open(file.toString(), null, Optional.ofNullable(charset).map(Charset::forName))
  }

  private static List<String> lines(Input input) {
    def read = []
    while (input.text().next()) {
      read << input.text().text()
    }
    read
  }
}
