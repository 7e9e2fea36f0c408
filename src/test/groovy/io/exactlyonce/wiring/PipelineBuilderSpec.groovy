package io.exactlyonce.wiring

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import spock.lang.Specification

/** What can be found wrong before a pipeline without Micronaut is started. That it runs, all specs on TestPipeline show. */
class PipelineBuilderSpec extends Specification {

  static PipelineBuilder<String> builder(Map<String, String> settings) {
    PipelineBuilder.of('orders', { Outcome.skip('x') } as Handler<String>, { new String(it.value()) })
        .settings([source: 'orders'] + settings).kafka(['bootstrap.servers': '127.0.0.1:1'])
  }

  def "settings that cannot have an effect, or cannot be used, are refused with their key: #settings"() {
    when:
    builder(settings).redis('redis://127.0.0.1:1').build()

    then:
    def e = thrown(ConfigurationException)
    e.message.startsWith(said)

    where:
    settings                                  || said
    ['value-deserializer': 'x.Y']             || 'pipelines.orders.value-deserializer = x.Y: has no effect with PipelineBuilder; pass'
    [json: 'lenient']                         || 'pipelines.orders.json = lenient: has no effect with PipelineBuilder; pass'
    [workers: '0']                            || 'pipelines.orders.workers = 0'
    ['retry.on': 'no.such.Exception']         || 'pipelines.orders.retry.on = no.such.Exception: is no exception class'
    ['guard.event-id': 'class:no.such.Class'] || 'pipelines.orders.guard.event-id = class:no.such.Class: cannot be made'
    [membership: 'static']                    || 'pipelines.orders.membership = static'
  }

  def "a guard without a Redis is refused with the remedy, and without a guard there is none"() {
    when:
    builder([:]).build()

    then:
    def e = thrown(ConfigurationException)
    e.message.contains('PipelineBuilder.redis') && e.message.contains('guard.store')

    when:
    def built = builder('guard.store': 'off').build()

    then:
    built.claims().get().empty
    built.pipeline().config().group() == 'orders'
  }
}
