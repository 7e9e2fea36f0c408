package io.exactlyonce.contract

import io.exactlyonce.config.PipelineSettings
import spock.lang.Shared
import spock.lang.Specification

/** The keys of a pipeline, and what may be chosen: a configuration that was taken is taken by every later version. */
class SettingsContractSpec extends Specification {

  @Shared
  Contract contract = new Contract('settings')

  @Shared
  List<String> now = PipelineSettings.ALL.collectMany { setting ->
    [setting.key()] + (setting.unit().startsWith('one of ')
        ? (setting.unit() - 'one of ').split(/ \\\| /).collect { "${setting.key()}: $it".toString() } : [])
  }

  def "every key and choice that was promised is still there"() {
    expect: 'else an application that started no longer does'
    contract.broken(now) == []
  }

  def "every key and choice is promised"() {
    expect: "else: mvn test -Dtest='*ContractSpec' -Dcontracts.write=true"
    contract.unwritten(now) == []
  }
}
