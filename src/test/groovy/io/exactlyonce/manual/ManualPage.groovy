package io.exactlyonce.manual

import java.nio.file.Path

/** One file of the manual: its text, and what the specs ask of Markdown. */
final class ManualPage {

  /** From the project's root, as `README.md` or `src/site/markdown/audit.md`. */
  final String path
  final String text

  ManualPage(String path, String text) {
    this.path = path
    this.text = text
  }

  /** The file's name without its ending. */
  String getName() {
    Path.of(path).fileName.toString() - '.md'
  }

  /** Bodies of the fenced blocks of a language, however far they are indented. */
  List<String> fenced(String language) {
    (text =~ /(?ms)^ *```$language\n(.*?)^ *```$/).collect { it[1] as String }
  }

  /** The text without its fenced blocks: a `#` or a `](` in them is code. */
  String getProse() {
    text.replaceAll(/(?ms)^ *```.*?^ *```$/, '')
  }

  /** What stands between backticks, without the fenced blocks, and without what tables say of versions before. */
  List<String> getCodeSpans() {
    def present = prose
    tables.findAll { it[0][0] == 'before' }.each { table -> table.each { present = present.replace("| ${it[0]} |", '| |') } }
    (present =~ /`([^`\n]+)`/).collect { it[1] as String }
  }

  /** Up to the first heading below the title. */
  String getOpening() {
    text.split(/(?m)^## /, 2)[0]
  }

  /** The first heading. */
  String getTitle() {
    headings.first()
  }

  /** What stands behind the `#` of each heading, of whatever level. */
  List<String> getHeadings() {
    (prose =~ /(?m)^#+ (.+)$/).collect { it[1] as String }
  }

  /** What a link to each heading ends with, as forges make it: lower case, `-` for a space, no punctuation. */
  List<String> getAnchors() {
    headings.collect { it.toLowerCase(Locale.ROOT).replaceAll(/[^\p{L}\p{N} _-]/, '').replace(' ', '-') }
  }

  /** Targets of the links, as written. */
  List<String> getLinks() {
    (prose.replaceAll(/`[^`\n]*`/, '') =~ /\]\(([^)\s]+)\)/).collect { it[1] as String }
  }

  /** Every table: a list of rows, the header's first, each a list of its cells. */
  List<List<List<String>>> getTables() {
    (prose =~ /(?m)(?:^\|.*\n)+/).collect { it as String }.collect { table ->
      def lines = table.readLines()
      ([lines[0]] + lines.drop(2)).collect { cells(it) }
    }
  }

  private static List<String> cells(String row) {
    row.split(/(?<!\\)\|/).drop(1)*.strip().toList()
  }

  @Override
  String toString() {
    path
  }
}
