package io.exactlyonce.wiring.serde

import io.exactlyonce.manual.Manual
import spock.lang.Specification

import java.nio.file.Files

/** The manual's page of formats says what the specs ran with. */
class FormatsPageSpec extends Specification {

  Manual manual = Manual.read()

  def "the table of exceptions by which a record waits is the code's, and each that is of a library is there"() {
    given:
    def named = manual.table('exception').collect { it[0].replace('`', '') }

    expect:
    named.toSet() == Outages.known()
    named.size() == Outages.known().size()
    named.every { Throwable.isAssignableFrom(Class.forName(it)) }
  }

  def "each dependency of the page is one that the specs have, in that version and with its exclusions"() {
    given:
    def pom = Files.readString(Manual.ROOT.resolve('pom.xml'))
    def version = (pom =~ /<apicurio.version>(.+?)</)[0][1] as String
    def had = squeezed(pom.replaceAll(/(?s)<!--.*?-->/, '').replace('<scope>test</scope>', '').replace('${apicurio.version}', version))
    def shown = manual.at("$Manual.FOLDER/formats.md").fenced('xml')

    expect:
    shown.size() == 2
    shown.every { had.contains(squeezed(it)) }
  }

  private static String squeezed(String text) {
    text.replaceAll(/\s+/, '')
  }
}
