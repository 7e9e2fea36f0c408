package io.exactlyonce.cli.load

import io.exactlyonce.cli.common.CommandFailure
import spock.lang.Specification

import java.nio.charset.StandardCharsets

/** What the two readers make of the bytes of a file. */
class RowsSpec extends Specification {

  static final CsvDialect RFC = new CsvDialect(',' as char, false, true, 64)

  def "a CSV row becomes an object of strings: #what"() {
    expect:
    values(csv(text)) == expected

    where:
    what                            | text                             || expected
    'plain'                         | 'a,b\n1,2\n'                     || ['{"a":"1","b":"2"}']
    'no final newline'              | 'a,b\n1,2'                       || ['{"a":"1","b":"2"}']
    'CRLF'                          | 'a,b\r\n1,2\r\n'                 || ['{"a":"1","b":"2"}']
    'CRLF without the last LF'      | 'a\r\n1\r'                       || ['{"a":"1"}']
    'CR alone'                      | 'a,b\r1,2\r3,4\r'              || ['{"a":"1","b":"2"}', '{"a":"3","b":"4"}']
    'CR alone in quotes stays'      | 'a\r"1\r2"\r3'                 || ['{"a":"1\\r2"}', '{"a":"3"}']
    'an empty last value'           | 'a,b\n1,'                       || ['{"a":"1","b":""}']
    'quotes without last newline'   | 'a\n"1"'                        || ['{"a":"1"}']
    'quoted'                        | '"a","b"\n"1","2"\n'             || ['{"a":"1","b":"2"}']
    'delimiter in quotes'           | 'a,b\n"1,2",3\n'                 || ['{"a":"1,2","b":"3"}']
    'doubled quotes'                | 'a\n"say ""hi"""\n'              || ['{"a":"say \\"hi\\""}']
    'newline in quotes'             | 'a,b\n"1\n2",3\n4,5\n'           || ['{"a":"1\\n2","b":"3"}', '{"a":"4","b":"5"}']
    'CRLF in quotes stays'          | 'a\r\n"1\r\n2"\r\n'              || ['{"a":"1\\r\\n2"}']
    'newline in a quoted header'    | '"a\nb"\n1\n'                    || ['{"a\\nb":"1"}']
    'a quote inside a bare value'   | 'a,b\n5" disk,1\n'               || ['{"a":"5\\" disk","b":"1"}']
    'empty values'                  | 'a,b,c\n,"",\n'                  || ['{"a":"","b":"","c":""}']
    'blank lines between'           | 'a\n\n1\n\r\n2\n\n'              || ['{"a":"1"}', '{"a":"2"}']
    'spaces are kept'               | 'a,b\n 1 ,2\n'                   || ['{"a":" 1 ","b":"2"}']
    'beyond ASCII'                  | 'a\nZürich €😀\n'                || ['{"a":"Zürich €😀"}']
    'numbers stay text'             | 'a,b\n007,1.50\n'                || ['{"a":"007","b":"1.50"}']
    'header alone'                  | 'a,b\n'                          || []
    'byte order mark'               | '\uFEFFa\n1\n'                   || ['{"a":"1"}']
    'byte order mark before quotes' | '\uFEFF"a\nb",c\n1,2\n'          || ['{"a\\nb":"1","c":"2"}']
  }

  def "without quotes, quotes are text"() {
    expect:
    values(csv('a\tb\n"x\t"y" z\n', new CsvDialect('\t' as char, true, false, 64))) == ['{"a":"\\"x","b":"\\"y\\" z"}']
  }

  def "inferred types are JSON's own: #text is written #json"() {
    expect:
    values(csv("a\n$text\n", RFC, true)) == ["{\"a\":$json}"]

    where:
    text      || json
    '1'       || '1'
    '-0.50'   || '-0.50'
    '1e9'     || '1e9'
    '12345678901234567890123' || '12345678901234567890123'
    'true'    || 'true'
    'false'   || 'false'
    'True'    || '"True"'
    '007'     || '"007"'
    '+1'      || '"+1"'
    '1.'      || '"1."'
    '.5'      || '".5"'
    'NaN'     || '"NaN"'
    'null'    || '"null"'
    '""'      || '""'
  }

  def "a bad CSV row names its first line, and the next row is read: #what"() {
    when:
    def read = csv(text)

    then:
    read[0] instanceof RowReader.Bad
    read[0].line() == line
    read[0].what().startsWith(says)
    values(read.tail()) == ['{"a":"8","b":"9"}']

    where:
    what                     | text                          || line | says
    'too few columns'        | 'a,b\n1\n8,9\n'               || 2    | '1 columns where the header has 2'
    'too many columns'       | 'a,b\n1,2,3\n8,9'             || 2    | '3 columns where the header has 2'
    'after a newline quoted' | 'a,b\n"\n\n"\n8,9'            || 2    | '1 columns where'
    'text after a quote'     | 'a,b\n"1"x,2\n8,9\n'          || 2    | 'text after a closing quote'
    'after blank lines'      | 'a,b\n\n\n1\n8,9\n'           || 4    | '1 columns'
    'too long'               | "a,b\n${'x' * 100},2\n8,9\n"  || 2    | 'longer than 64 bytes'
    'too long over lines'    | "a,b\n\"${'x\n' * 50}\",2\n8,9\n" || 2 | 'longer than 64 bytes (it runs to line 52'
  }

  def "what JSON's reader does not take is a bad line like any other: #what"() {
    when:
    def read = all(new NdjsonRows(text((rows + '\n{}\n').bytes), 1 << 26, made()))

    then:
    read[0].toString().startsWith("line 1: beyond what a reader of JSON takes: ")
    values(read.tail()) == ['{}']

    where:
    what            | rows
    'too deep'      | '{"a":' + '[' * 2_000 + ']' * 2_000 + '}'
    'a long number' | '{"f":{"a":' + '1' * 2_000 + '}}'
    'a long name'   | '{"' + 'n' * 60_000 + '":1}'
  }

  def "damage in one CSV row is told of and does not spill into the next: #what"() {
    when:
    def read = csv(rows)

    then:
    read[0].toString().startsWith(says)
    values(read.tail()) == ['{"a":"8","b":"9"}']

    where:
    what                       | rows                                  || says
    'a NUL byte'               | 'a,b\n1,\u00002\n8,9\n'              || 'line 2: a NUL byte in UTF-8; remove it'
    'NULs in quoted lines'     | 'a,b\n1,"\n\u0000\n"\n8,9\n'         || 'line 2: a NUL byte'
    'a second byte order mark' | 'a,b\n\uFEFFa,b\n8,9\n'              || 'line 2: a byte order mark, as where files were'
    'text after a quote, over lines' | 'a,b\n"1"x,"2\n3"\n8,9\n'    || 'line 2: text after a closing quote'
    'too long, quotes in it'   | "a,b\n\"${'x,' * 40}\",\"y\n\"\n8,9\n" || 'line 2: longer than 64 bytes'
    'too long, CR alone'       | "a,b\r${'x' * 70},2\r8,9\r"          || 'line 2: longer than 64 bytes'
    'too many bytes'           | "a,b\n${'ü' * 40},2\n8,9\n"          || 'line 2: longer than 64 bytes'
  }

  def "a CSV says or is told what is between its columns; one odd column is refused: #rows"() {
    expect:
    values(csv(rows)) == expected

    where:
    rows                       || expected
    'sep=;\na;b\n1;2\n'        || ['{"a":"1","b":"2"}']
    'SEP=;\r\na;b\r\n1;2'      || ['{"a":"1","b":"2"}']
    '"sep=;"\ra;b\r1;2'         || ['{"a":"1","b":"2"}']
    '\uFEFFsep=\t\na\tb\n1\t2' || ['{"a":"1","b":"2"}']
    'sep=;\na,x\n1'             || ['{"a,x":"1"}']
    'sep=x\n'.replace('x', 'xy') || []
  }

  def "a header that seems to be apart by something else is refused with the option to give: #rows"() {
    when:
    csv(rows)

    then:
    def failure = thrown(CommandFailure)
    failure.message.contains(says)

    where:
    rows                       || says
    'a;b\n1;2\n'               || "line 1: the header has ';' where its columns should be apart by ','; give --delimiter ';'"
    'a\tb\n1\t2\n'             || 'give --delimiter tab'
    'a|b\n1|2\n'               || "give --delimiter '|'"
    'a^b\n1^2\n'               || "give --delimiter '^'"
    'a;b,c;d\n1;2,3;4\n'       || "give --delimiter ';'"
    'a\u0001b\n1\u00012\n'     || '0x01'
  }

  def "what the first line says and what the user says must agree"() {
    when:
    csv('sep=;\na;b\n', new CsvDialect(',' as char, true, true, 64))

    then:
    def failure = thrown(CommandFailure)
    failure.message.contains('line 1: sep=;, but --delimiter says another')
  }

  def "line numbers stay those of the file behind what was passed over"() {
    expect:
    csv('sep=,\na,b\n"1"x,2\n\n"3\n4",5\n6,7\n').collect { it.line() } == [3, 5, 7]
  }

  def "a quote that is never closed is told with the line that opens it"() {
    expect:
    csv('a,b\n1,2\n3,"4\n5,6\n').last().toString() ==
        'line 3: a quote opened here is not closed by the end of the file; close it, or double it if it belongs' +
        ' to the value (""), or give --no-quotes'
  }

  def "a header that cannot be used ends the load: #says"() {
    when:
    csv(text, RFC, false, identity)

    then:
    def failure = thrown(CommandFailure)
    failure.message.contains(says)

    where:
    text          | identity        || says
    ''            | made()        || 'line 1: no header row'
    '\n\n'        | made()        || 'no header row'
    'a,a\n1,2\n'  | made()        || 'line 1: the header has a column a twice'
    'a,,b\n'      | made()        || 'a column without name'
    'a,b\n1,2\n'  | byField('id') || 'no column "id"; the columns are [a, b]'
    '\na,b\n'     | byField('id') || 'line 2: no column "id"'
    '"a\n'        | made()        || 'line 1: a quote opened here is not closed'
  }

  def "an NDJSON line is sent as it stands: #what"() {
    expect:
    values(ndjson(text)) == expected

    where:
    what                | text                            || expected
    'plain'             | '{"a":1}\n{"a": 2}\n'           || ['{"a":1}', '{"a": 2}']
    'no final newline'  | '{"a":1}'                       || ['{"a":1}']
    'CRLF'              | '{"a":1}\r\n'                   || ['{"a":1}']
    'CR alone'          | '{"a":1}\r{"a":2}\r'           || ['{"a":1}', '{"a":2}']
    'spaces around'     | '  {"a":1}\t\n'                 || ['{"a":1}']
    'blank lines'       | '\n  \n{"a":1}\n\n'             || ['{"a":1}']
    'empty file'        | ''                              || []
    'byte order mark'   | '\uFEFF{"a":1}\n'               || ['{"a":1}']
    'empty object'      | '{}\n'                          || ['{}']
    'nested'            | '{"a":{"b":[1,{"c":null}]}}\n'  || ['{"a":{"b":[1,{"c":null}]}}']
    'beyond ASCII'      | '{"a":"Zürich €😀"}\n'          || ['{"a":"Zürich €😀"}']
    'as long as can be' | "{\"a\":\"${'x' * 56}\"}\r\n"   || ["{\"a\":\"${'x' * 56}\"}"]
  }

  def "a bad NDJSON line is told with its number, and the next is read: #what"() {
    when:
    def read = ndjson('{"id":"1"}\n\n' + text + '\n{"id":"9"}\n', byField('id'))

    then:
    read[0] instanceof RowReader.Row
    read[1] instanceof RowReader.Bad
    read[1].line() == 3
    read[1].what().startsWith(says)
    read[2].id() == '9'
    read.size() == 3

    where:
    what               | text                  || says
    'not JSON'         | 'hello'               || 'not JSON at column'
    'cut short'        | '{"id":"1"'           || 'not JSON at column'
    'an array'         | '[{"id":"1"}]'        || 'a JSON array, not an object'
    'a number'         | '1'                   || 'JSON, but not an object'
    'null'             | 'null'                || 'JSON, but not an object'
    'two values'       | '{"id":"1"}{}'        || 'more than one JSON value'
    'rubbish behind'   | '{"id":"1"} x'        || 'not JSON at column'
    'NaN'              | '{"id":"1","a":NaN}'  || 'not JSON at column'
    'no id'            | '{"a":1}'             || 'field "id" is missing or null'
    'null id'          | '{"id":null}'         || 'field "id" is missing or null'
    'empty id'         | '{"id":""}'           || 'field "id" is empty'
    'blank id'         | '{"id":"  "}'         || 'field "id" is empty or blank'
    'half a pair'      | '{"id":"\\ud800"}'    || 'field "id" is no text'
    'id twice'         | '{"id":"a","id":"b"}' || 'not JSON at column'
    'id is an object'  | '{"id":{"a":1}}'      || 'field "id" is an object or array'
    'too long'         | "{\"id\":\"${'x' * 99}\"}" || 'longer than 64 bytes'
  }

  def "bytes that are not UTF-8 are never replaced in silence: #what"() {
    given:
    def bytes = new ByteArrayOutputStream()
    bytes.write('{"a":"'.bytes)
    bytes.write(wrong as byte[])
    bytes.write('"}\n{}\n'.bytes)

    when:
    def read = all(new NdjsonRows(text(bytes.toByteArray()), 64, made()))

    then:
    read[0].toString() == 'line 1: not valid UTF-8; if the text has another encoding name it, such as --encoding windows-1252;' +
        ' if not, the file is damaged'
    values(read.tail()) == ['{}']

    where:
    what           | wrong
    'Latin-1'      | [0xfc]
    'overlong'     | [0xc0, 0xaf]
    'a surrogate'  | [0xed, 0xa0, 0x80]
    'cut short'    | [0xe2, 0x82]
  }

  def "ids and keys come from the fields that are named: #identity"() {
    expect:
    def row = ndjson('{"x":{"id":7,"y":{"id":8}},"id":"e1","k":true}\n', identity).first()
    [row.id(), new String(row.key(), 'UTF-8')] == expected

    where:
    identity                                                      || expected
    made()                                                      || ['f:1', 'f:1']
    byField('id')                                               || ['e1', 'e1']
    byField('x.id')                                             || ['7', '7']
    byField('x.y.id')                                           || ['8', '8']
    new RowIdentity(Optional.of('id'), 'f', Optional.of('k'))        || ['e1', 'true']
    new RowIdentity(Optional.empty(), 'f', Optional.of('x.y.id'))    || ['f:1', '8']
    new RowIdentity(Optional.of('k'), 'f', Optional.of('k'))         || ['true', 'true']
  }

  def "made-up ids are the line on which the row starts, so that a second load has the same"() {
    expect:
    csv('a\n1\n\n"2\n2"\n3\n')*.id() == ['f:2', 'f:4', 'f:6']
  }

  def "a row wider than the reader's chunks arrives whole"() {
    given:
    def wide = 'x' * 300_000

    expect:
    values(csv("a\n\"$wide\"\n1\n", new CsvDialect(',' as char, true, true, 1 << 20))) ==
        ["{\"a\":\"$wide\"}", '{"a":"1"}']
  }

  private static RowIdentity made() {
    new RowIdentity(Optional.empty(), 'f', Optional.empty())
  }

  private static RowIdentity byField(String field) {
    new RowIdentity(Optional.of(field), 'f', Optional.empty())
  }

  private static List<RowReader> ndjson(String rows, RowIdentity identity = made()) {
    all(new NdjsonRows(text(rows.getBytes('UTF-8')), 64, identity))
  }

  private static List<RowReader> csv(
      String rows, CsvDialect dialect = RFC, boolean inferTypes = false, RowIdentity identity = made()) {
    all(CsvRows.open(text(rows.getBytes('UTF-8')), dialect, inferTypes, identity))
  }

  private static TextLines text(byte[] bytes) {
    Input.open('-', new ByteArrayInputStream(bytes), Optional.empty()).text()
  }

  private static List<RowReader> all(Rows rows) {
    def read = []
    for (def next = rows.next(); next.present; next = rows.next()) {
      read << next.get()
    }
    read
  }

  private static List<String> values(List<RowReader> read) {
    read.collect { it instanceof RowReader.Row ? new String(it.value(), StandardCharsets.UTF_8) : it.toString() }
  }
}
