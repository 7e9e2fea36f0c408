package io.exactlyonce.wiring.watch

import io.exactlyonce.config.ConfigurationException
import io.micronaut.json.JsonMapper
import spock.lang.Specification

/** The address that alerts are posted to is a secret, and a wrong one ends the start. */
class AlertWebhookSpec extends Specification {

  def json = Stub(JsonMapper)

  def "the address #address is refused, and not shown"() {
    when:
    new AlertWebhook(json, address, null)

    then:
    def refused = thrown(ConfigurationException)
    refused.message.contains('PIPELINE_ALERT_WEBHOOK')
    refused.message.contains('https://host/path')
    !refused.message.contains('hunter22')
    refused.cause == null

    where:
    address << ['hunter22', 'ftp://h/hunter22', 'https://h/hunter22 x', 'http:///hunter22', 'file:/hunter22']
  }

  def "without an address nothing is posted"() {
    expect:
    new AlertWebhook(json, address, 'slack').open().empty

    where:
    address << [null, '', ' ']
  }

  def "a form that is none is refused with those there are"() {
    when:
    new AlertWebhook(json, null, 'teams')

    then:
    def refused = thrown(ConfigurationException)
    ['PIPELINE_ALERT_FORM', 'teams', 'json, slack'].every { refused.message.contains(it) }
  }
}
