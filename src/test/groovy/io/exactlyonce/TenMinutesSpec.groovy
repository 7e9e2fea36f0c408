package io.exactlyonce

import io.exactlyonce.manual.Manual
import spock.lang.Specification
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/**
 * "A pipeline of your own in ten minutes", done word by word in a copy of the tree: the handler and the configuration are
 * pasted from the manual, and its commands run.
 */
class TenMinutesSpec extends Specification {

  static final List<String> TREE = ['.mvn', 'src', 'README.md', 'pom.xml']
  static final String HEADING = '## A pipeline of your own in ten minutes'

  @TempDir
  Path copy

  @Tag('long')
  def "the manual's handler and configuration, pasted, process the manual's file: each row once"() {
    given:
    TREE.each { run('cp', '-r', Path.of(it).toAbsolutePath().toString(), copy.toString()) }

    when: 'the handler, where the manual says'
    Files.writeString(Files.createDirectories(copy.resolve(file('java')).parent).resolve('FlightHandler.java'), fenced('java'))

    and: 'its configuration, beside the samples\', where they are still there'
    def application = copy.resolve(file('yml'))
    def text = Files.readString(application)
    Files.writeString(application, text.contains('\npipelines:\n') ? text.replace('\npipelines:\n', "\n${fenced('yaml')}") : "$text\n${fenced('yaml')}")

    and: 'the commands'
    def printed = fenced('sh').readLines().collect { run('sh', '-c', it) }.join('\n')

    then: 'as many rows, of which each tenth or so was sent twice, and three of four flights were late'
    def counts = (printed =~ /(?m)^  (\S+) +([\d,]+)$/).collect { [it[1], it[2].toString().replace(',', '') as int] }.collectEntries()
    counts['delays'] == 75_000
    counts['flights'] > 105_000
    counts['flights.dead-letters'] == 0
    printed.contains('lost 0  duplicated 0  out of order 0  unaccounted 0')
  }

  private static String section() {
    def text = Manual.read().at("$Manual.FOLDER/getting-started.md").text
    text.substring(text.indexOf(HEADING) + HEADING.length()).split(/(?m)^## /)[0]
  }

  private static String fenced(String language) {
    (section() =~ /(?s)```$language\n(.*?)```/)[0][1]
  }

  /** The path that the section names with that ending. */
  private static String file(String ending) {
    (section() =~ /`(src\/main\/[\w\/.-]+\.$ending)`/)[0][1]
  }

  private String run(String... command) {
    def log = copy.resolve('run.log')
    def process = new ProcessBuilder(command).directory(copy.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start()
    assert process.waitFor(8, TimeUnit.MINUTES): command.join(' ') + ' does not end'
    assert process.exitValue() == 0: command.join(' ') + ':\n' + Files.readString(log).readLines().takeRight(60).join('\n')
    Files.readString(log)
  }
}
