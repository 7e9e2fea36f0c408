package io.exactlyonce.wiring

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.config.PipelineConfig
import spock.lang.Specification

class InstanceIdSpec extends Specification {

  def "an instance calls itself #value where its environment is #environment"() {
    expect:
    new InstanceId(environment, { Optional.of('app-2') }).value() == value

    where:
    environment                                                      || value
    [PIPELINE_INSTANCE_ID: ' eu-1 ', HOSTNAME: 'h']                  || 'eu-1'
    [PIPELINE_INSTANCE_ID: 'eu-1', PIPELINE_INSTANCE_ID_FROM: 'dns'] || 'eu-1'
    [PIPELINE_INSTANCE_ID_FROM: 'dns', HOSTNAME: 'h']                || 'app-2'
    [PIPELINE_INSTANCE_ID: ' ', HOSTNAME: 'h']                       || 'h'
    [HOSTNAME: 'h']                                                  || 'h'
  }

  def "a place in the group is kept for a name that somebody chose: #environment, #raw"() {
    when:
    check(environment, raw)

    then:
    noExceptionThrown()

    where:
    environment                                             | raw
    [PIPELINE_INSTANCE_ID: 'a']                             | [membership: 'static']
    [PIPELINE_INSTANCE_ID_FROM: 'dns', HOSTNAME: 'f00ba12'] | [membership: 'static']
    [HOSTNAME: 'f00ba12']                                   | [membership: 'static', 'instance-id': 'a']
    [HOSTNAME: 'f00ba12']                                   | [membership: 'dynamic']
  }

  def "it is not kept for the name of a host, which may be another one tomorrow"() {
    when:
    check([HOSTNAME: 'f00ba12'], [membership: 'static'])

    then:
    def e = thrown(ConfigurationException)
    e.message.startsWith('pipelines.pay.membership = static: ')
    e.message.contains('PIPELINE_INSTANCE_ID')
  }

  def "an instance that is to take its name from DNS does not start under another: #wish"() {
    when:
    new InstanceId([PIPELINE_INSTANCE_ID_FROM: wish, HOSTNAME: 'h'], { Optional.empty() }).value()

    then:
    def e = thrown(ConfigurationException)
    e.message.startsWith("PIPELINE_INSTANCE_ID_FROM = $wish: ")
    e.message.contains('set PIPELINE_INSTANCE_ID')

    where:
    wish << ['dns', 'redis']
  }

  def "DNS is asked for the address backwards, and the first label of its answer counts"() {
    expect:
    ReverseDns.question(InetAddress.getByName('172.18.0.200')) == '200.0.18.172.in-addr.arpa'
    ReverseDns.firstLabel('pipeline-app-2.pipeline_default.') == 'pipeline-app-2'
    ReverseDns.firstLabel('app') == 'app'
  }

  private static void check(Map<String, String> environment, Map<String, String> raw) {
    def id = new InstanceId(environment, { Optional.of('app-2') })
    def all = [source: 'in'] + raw
    id.check(PipelineConfig.parse('pay', all, id.value()), all)
  }
}
