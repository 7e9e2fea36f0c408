package io.exactlyonce.template

import spock.lang.Requires
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** Only where the engine is released: a project of another name keeps the list that it was given. */
@Requires(value = { Names.of(Files.readString(Path.of('pom.xml'))) == Names.ORIGINAL }, reason = 'the project was renamed')
class ListEngineSpec extends Specification {

  def "the list of the engine's files is that of these sources"() {
    expect: 'else: java src/test/java/io/exactlyonce/template/ListEngine.java'
    Files.readString(ListEngine.LIST).replace('\r\n', '\n') == ListEngine.list(Path.of(''))
  }
}
