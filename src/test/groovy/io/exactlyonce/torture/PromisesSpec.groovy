package io.exactlyonce.torture

import io.exactlyonce.manual.Manual
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files

/** The register of promises names what there is: the README's sentences, specs with their features, and planted bugs. */
class PromisesSpec extends Specification {

  @Shared
  Manual manual = Manual.read()

  @Shared
  List<List<String>> register = manual.table('promise')

  def "the README promises it: #promise"() {
    expect:
    plain(manual.readme.opening).contains(promise)

    where:
    promise << register*.first()
  }

  def "each sentence of what the README guarantees is in the register"() {
    given:
    def guarantee = plain(manual.readme.opening).with { it.substring(it.indexOf('**What it guarantees.**') + 23, it.indexOf('**Its limits.**')) }

    expect:
    guarantee.split(/(?<=\.) /)*.strip().findAll() - register*.first() == []
  }

  def "#spec has the feature: #feature"() {
    given:
    def sources = Files.walk(Manual.ROOT.resolve('src/test/groovy')).withCloseable { all ->
      all.filter { it.fileName.toString() == "${spec}.groovy" }.toList()
    }

    expect:
    sources.size() == 1
    Files.readString(sources[0]).contains("def \"$feature\"()")

    where:
    [spec, feature] << register.collect { [unquoted(it[1]), unquoted(it[2])] }.unique()
  }

  def "every planted bug is in the register, and no other"() {
    expect:
    register.collectMany { it[3].split(', ').collect { unquoted(it) } }.toSet() == PlantedBug.values()*.id().toSet()
  }

  private static String unquoted(String span) {
    assert span ==~ /`[^`]+`/
    span[1..-2]
  }

  /** Without links, in one line. */
  private static String plain(String text) {
    text.replaceAll(/\[([^\]]+)]\([^)]+\)/, '$1').replaceAll(/\s+/, ' ')
  }
}
