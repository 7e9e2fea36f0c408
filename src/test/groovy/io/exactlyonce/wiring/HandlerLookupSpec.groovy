package io.exactlyonce.wiring

import io.exactlyonce.config.ConfigurationException
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.handler.BatchHandler
import io.exactlyonce.handler.ForPipeline
import io.exactlyonce.handler.Handler
import io.micronaut.context.ApplicationContext
import io.micronaut.context.RuntimeBeanDefinition
import io.micronaut.inject.annotation.MutableAnnotationMetadata
import spock.lang.AutoCleanup
import spock.lang.Specification

class HandlerLookupSpec extends Specification {

  @AutoCleanup
  ApplicationContext context = ApplicationContext.builder()
      .overrideConfigLocations('classpath:no-such-file')
      .properties(['micronaut.application.name': 'lookup-spec', 'kafka.bootstrap.servers': 'localhost:1', 'redis.uri': 'redis://localhost:1'])
      .build()

  void handler(Handler<?> handler) {
    def metadata = new MutableAnnotationMetadata()
    metadata.addDeclaredAnnotation(ForPipeline.name, [value: 'orders'])
    context.registerBeanDefinition(RuntimeBeanDefinition.builder(Handler, { handler }).singleton(true).annotationMetadata(metadata).build())
  }

  HandlerLookup.Found find(String ordering) {
    context.start()
    new HandlerLookup(context).find(PipelineConfig.parse('orders', [source: 'in', ordering: ordering], 'spec'))
  }

  static final Handler SINGLE = { null } as Handler
  static final BatchHandler BATCH = { null } as BatchHandler

  def "a handler of #kind goes with ordering #ordering"() {
    when:
    handler(given)

    then:
    find(ordering).handler().is(given)

    where:
    kind            | given  | ordering
    'single events' | SINGLE | 'partition'
    'single events' | SINGLE | 'key'
    'single events' | SINGLE | 'none'
    'batches'       | BATCH  | 'partition'
    'batches'       | BATCH  | 'none'
  }

  def "a batch handler cannot keep keys in order: the start is refused with what to set instead"() {
    given:
    handler(BATCH)

    when:
    find('key')

    then:
    def e = thrown(ConfigurationException)
    e.message.contains('pipelines.orders.ordering')
    e.message.contains('a BatchHandler: it takes a stretch of a partition at once; set partition or none')
  }

  def "a pipeline needs one handler, and no more: #there"() {
    given:
    there.times { handler(SINGLE) }

    when:
    find('partition')

    then:
    def e = thrown(ConfigurationException)
    e.message.contains('needs exactly one bean that implements Handler with @ForPipeline("orders")')

    where:
    there << [0, 2]
  }
}
