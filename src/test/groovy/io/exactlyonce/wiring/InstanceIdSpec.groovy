package io.exactlyonce.wiring

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.config.PipelineConfig
import spock.lang.Specification

class InstanceIdSpec extends Specification {

  def "an instance calls itself #value where its environment is #environment"() {
    expect:
    new InstanceId(environment).value() == value

    where:
    environment                                      || value
    [PIPELINE_INSTANCE_ID: ' eu-1 ', HOSTNAME: 'h']  || 'eu-1'
    [PIPELINE_INSTANCE_ID: ' ', HOSTNAME: 'h']       || 'h'
    [HOSTNAME: 'h']                                  || 'h'
  }

  def "a place in the group is kept for a name that somebody chose: #environment, #raw"() {
    when:
    check(environment, raw)

    then:
    noExceptionThrown()

    where:
    environment                   | raw
    [PIPELINE_INSTANCE_ID: 'a']   | [membership: 'static']
    [HOSTNAME: 'f00ba12']         | [membership: 'static', 'instance-id': 'a']
    [HOSTNAME: 'f00ba12']         | [membership: 'dynamic']
  }

  def "it is not kept for the name of a host, which may be another one tomorrow"() {
    when:
    check([HOSTNAME: 'f00ba12'], [membership: 'static'])

    then:
    def e = thrown(ConfigurationException)
    e.message.startsWith('pipelines.pay.membership = static: ')
    e.message.contains('PIPELINE_INSTANCE_ID')
  }

  private static void check(Map<String, String> environment, Map<String, String> raw) {
    def id = new InstanceId(environment)
    def all = [source: 'in'] + raw
    id.check(PipelineConfig.parse('pay', all, id.value()), all)
  }
}
