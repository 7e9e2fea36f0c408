package io.exactlyonce.engine

import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** The manual's table of what is done about an exception is the classifier's, row by row. */
class FailureTableSpec extends Specification {

  def "the failure table has every rule in its order"() {
    given:
    def lines = Files.readString(Path.of('README.md')).readLines().dropWhile { it != '| phase | exception | reaction |' }

    expect:
    lines.drop(2).takeWhile { it.startsWith('|') } == FailureClassifier.RULES.collect {
      "| ${phases(it.phases())} | ${it.exception().simpleName} | ${it.reaction()} |".toString()
    }
  }

  def "every reaction is explained below the table"() {
    given:
    def readme = Files.readString(Path.of('README.md'))

    expect:
    Reaction.values().every { readme =~ /(?m)(^|\. )$it (goes|commits|closes|ends)/ }
  }

  private static String phases(Set<Phase> phases) {
    phases.size() == Phase.values().length ? 'any' : phases.sort()*.name()*.toLowerCase().join(', ')
  }
}
