package io.exactlyonce.cli

import spock.lang.Specification

/** Only the command that is called is made: all of them take a start longer than some commands run. */
class MainSpec extends Specification {

  def "#name is made alone, and is what its name says"() {
    expect:
    def made = Main.line(name).subcommands
    made.keySet() == [name] as Set
    made[name].commandName == name

    where:
    name << Main.COMMANDS
  }

  def "a failure that #name did not foresee is #status, which is none of its findings"() {
    expect:
    Main.line(name).subcommands[name].commandSpec.exitCodeOnExecutionException() == status

    where:
    name << Main.COMMANDS
    status = [serve: 1, load: 1, lag: 3, doctor: 3].getOrDefault(name, 2)
  }

  def "where none is named first, all are there: #first"() {
    expect:
    Main.line(first).subcommands.keySet() as List == Main.COMMANDS

    where:
    first << ['', '--help', 'no-such']
  }
}
