package io.exactlyonce

import com.fasterxml.jackson.core.json.PackageVersion
import io.micronaut.core.version.VersionUtils
import io.netty.util.Version
import spock.lang.Specification

/** What is on the class path is not older than what closed the advisories that were published of it. */
class AdvisoriesSpec extends Specification {

  static List<Integer> numbers(String version) {
    version.tokenize('.-').findAll { it ==~ /\d+/ }*.toInteger().take(3)
  }

  static boolean atLeast(String found, String wanted) {
    def pairs = [numbers(found), numbers(wanted)].transpose()
    def different = pairs.find { a, b -> a != b }
    different == null || different[0] > different[1]
  }

  def "#what is #wanted or newer"() {
    expect:
    found.every { atLeast(it, wanted) }

    where:
    what             | wanted    | found
    'netty'          | '4.2.18'  | Version.identify().values()*.artifactVersion()
    'Micronaut core' | '4.10.22' | [VersionUtils.MICRONAUT_VERSION]
    'jackson-core'   | '2.21.2'  | [PackageVersion.VERSION.toString()]
  }

  def "versions are compared by their numbers: #found #wanted #is"() {
    expect:
    atLeast(found, wanted) == is

    where:
    found          | wanted   || is
    '4.2.9.Final'  | '4.2.18' || false
    '4.2.18.Final' | '4.2.18' || true
    '4.10.15'      | '4.10.22' || false
    '5.0.0'        | '4.10.22' || true
  }
}
