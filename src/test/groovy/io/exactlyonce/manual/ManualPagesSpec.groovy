package io.exactlyonce.manual

import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files

/** How the manual is made: a short README with an index of pages, and pages that each begin with what they are. */
class ManualPagesSpec extends Specification {

  static final int MAX_README_LINES = 170

  /** Programs that commands of the manual may begin with; whoever reads it has them, or is told to install them. */
  static final Set<String> PROGRAMS = ['seq', 'mvn', 'java', 'docker', 'curl', 'kubectl', 'git', 'rm', 'zcat', 'export']

  /** Whoever follows the manual makes it. */
  static final String OF_THE_READER = "src/main/java/$Manual.PACKAGE_FOLDER/flights/FlightHandler.java"

  @Shared
  Manual manual = Manual.read()

  def "README.md is short enough to be read in a minute"() {
    expect:
    manual.readme.text.readLines().size() <= MAX_README_LINES
  }

  def "the index has each page once, by its title, and no other"() {
    given:
    def rows = manual.table('page').collect { (it[0] =~ /^\[(.+)]\((.+)\)$/).with { [it[0][1], it[0][2]] } }

    expect:
    rows.toSorted() == manual.pages.collect { [it.title, it.path] }.toSorted()
  }

  def "#page begins with its title, a paragraph, and an example before any other heading"() {
    given:
    def blocks = page.opening.split(/\n\n+/)

    expect:
    blocks[0] ==~ /# \S.*/
    blocks[1] ==~ /(?s)(?!```)[A-Z`].*/
    ['sh', 'java', 'groovy', 'yaml'].any { page.opening.contains("\n```$it\n") }

    where:
    page << manual.pages
  }

  def "every link of #page leads to a file, and behind a # to a heading"() {
    expect:
    manual.brokenLinks(page) == []

    where:
    page << manual.all
  }

  def "no two headings of #page have one anchor"() {
    expect:
    page.anchors == page.anchors.unique(false)

    where:
    page << manual.all
  }

  def "every table of speeds is below its date, its machine and the command that makes it"() {
    given:
    def tables = manual.all.collectMany { page ->
      (page.text =~ /(?m)^\|.*records\/s.*\|$/).collect { header -> [header, page.text.substring(0, page.text.indexOf(header)).split(/(?m)^## /).last()] }
    }

    expect:
    tables.size() > 5
    tables.findAll { header, above -> !(above =~ /\b20\d\d-\d\d-\d\d\b/ && above.contains('cores') && above.contains('mvn -Pbench')) }*.first() == []
  }

  def "every path that the manual names is there"() {
    given:
    def named = manual.codeSpans.findAll { it ==~ /(?:src|docker|\.ci|\.github|pom\.xml)[\w.\/-]*/ }

    expect:
    named.size() > 10
    named.findAll { !Files.exists(Manual.ROOT.resolve(it)) && !Manual.isRemovedSample(it) && it != OF_THE_READER } == []
  }

  def "every command begins with a program that is known"() {
    given:
    def programs = manual.shellLines.findAll { it }.collect { (it.replaceFirst(/^(\w+=\S+ )+/, '') =~ /^\S+/)[0] as String }

    expect:
    programs.toSet() - PROGRAMS == [] as Set
  }

  def "the files of every docker compose command are there"() {
    given:
    def files = manual.commands('docker compose').collectMany { words ->
      words.indices.findAll { words[it] == '-f' }.collect { words[it + 1] }
    }

    expect:
    files.size() > 5
    files.findAll { !Files.exists(Manual.ROOT.resolve(it)) } == []
  }
}
