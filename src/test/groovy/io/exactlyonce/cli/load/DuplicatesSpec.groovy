package io.exactlyonce.cli.load

import org.apache.kafka.common.utils.Utils
import picocli.CommandLine
import spock.lang.Specification

class DuplicatesSpec extends Specification {

  static final int ROWS = 20_000

  def "the share is met, later than the first sending and in bounded delay"() {
    when:
    def copies = play(new Duplicates(0.1d, 1, 3))

    then:
    Math.abs(copies.size() - 2_000) < 150
    copies.every { it.after > it.line && it.after - it.line <= Duplicates.DELAY_ROWS || it.after == ROWS }
    copies*.line.toSet().size() == copies.size()
  }

  def "about half go to another partition than the key's own"() {
    when:
    def moved = play(new Duplicates(0.1d, 1, 3)).findAll { it.partition.present }

    then:
    moved.size() > 800 && moved.size() < 1_200
    moved.every { it.partition.get() in 0..2 && it.partition.get() != Utils.toPositive(Utils.murmur2(it.key)) % 3 }
  }

  def "with one partition there is no other"() {
    expect:
    play(new Duplicates(0.5d, 1, 1)).every { it.partition.empty }
  }

  def "the same seed chooses the same, another seed others"() {
    expect:
    play(new Duplicates(0.1d, 1, 3))*.line == play(new Duplicates(0.1d, 1, 3))*.line
    play(new Duplicates(0.1d, 1, 3))*.line != play(new Duplicates(0.1d, 2, 3))*.line
  }

  def "a share of #share duplicates #expected of all rows"() {
    expect:
    play(new Duplicates(share, 1, 3)).size() == expected * ROWS

    where:
    share || expected
    0.0d  || 0
    1.0d  || 1
  }

  def "wide rows do not wait for their time when they fill the memory"() {
    given:
    def duplicates = new Duplicates(1.0d, 1, 3)
    def wide = new byte[1024 * 1024]

    when:
    def early = (1..100).count {
      duplicates.sent(new RowReader.Row(it, "$it", "k".bytes, wide))
      duplicates.due().present
    }

    then:
    early >= 100 - 17
  }

  def "#text is a share of #share"() {
    expect:
    new Share().convert(text) == share

    where:
    text   || share
    '10%'  || 0.1d
    '0.1'  || 0.1d
    '10'   || 0.1d
    '0'    || 0.0d
    '1%'   || 0.01d
    '100%' || 1.0d
    '100'  || 1.0d
    '0.5%' || 0.005d
  }

  def "#text is no share: #says"() {
    when:
    new Share().convert(text)

    then:
    def refused = thrown(CommandLine.TypeConversionException)
    refused.message.contains(says)

    where:
    text    || says
    '1'     || 'may be 1% or 100%'
    '101%'  || 'not from 0% to 100%'
    '-1'    || 'not from 0% to 100%'
    'NaN'   || 'not from 0% to 100%'
    'some'  || 'not a share like 10% or 0.1'
    ''      || 'not a share'
  }

  private static List<Map> play(Duplicates duplicates) {
    List<Map> copies = []
    for (long line in 1..ROWS) {
      def row = new RowReader.Row(line, "f:$line", "f:$line".bytes, 'v'.bytes)
      duplicates.sent(row)
      for (def copy = duplicates.due(); copy.present; copy = duplicates.due()) {
        copies << seen(copy.get(), line)
      }
    }
    for (def copy = duplicates.next(); copy.present; copy = duplicates.next()) {
      copies << seen(copy.get(), ROWS)
    }
    copies
  }

  private static Map seen(Duplicates.Copy copy, long after) {
    [line: copy.row().line(), after: after, key: copy.row().key(), partition: copy.partition()]
  }
}
