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
    bean { handler }
  }

  void bean(Closure<? extends Handler<?>> handler) {
    def metadata = new MutableAnnotationMetadata()
    metadata.addDeclaredAnnotation(ForPipeline.name, [value: 'orders'])
    context.registerBeanDefinition(RuntimeBeanDefinition.builder(Handler, handler).singleton(true).annotationMetadata(metadata).build())
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
    e.message.contains('a BatchHandler, which takes consecutive records of a partition at once; set ordering to partition or none')
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

  /** It does not know how many. */
  static class Undecided implements BatchHandler<String> {
    @Override
    Handler<String> prepare(List events) {
      null
    }

    @Override
    int mostEvents() {
      throw new IllegalStateException('how many?')
    }
  }

  def "a handler that fails before its first event is told with its pipeline, class, cause and a remedy: #says"() {
    given:
    bean(made)

    when:
    find('partition')

    then:
    def e = thrown(ConfigurationException)
    e.message.startsWith('pipelines.orders = ')
    e.message.contains(says)
    e.message.contains('; ')
    e.message.readLines().size() == 1
    !e.message.contains('hunter22')
    e.cause == null

    where:
    says | made
    'cannot be made: java.lang.IllegalStateException: no answer from http://***@a' | { throw new IllegalStateException('no answer\n from http://u:hunter22@a') }
    'cannot be made: java.lang.IllegalStateException: at jdbc:x;password=***;a=b' | { throw new IllegalStateException('at jdbc:x;password=hunter22;a=b') }
    'cannot be made: java.lang.NoClassDefFoundError: a/B' | { throw new NoClassDefFoundError('a/B') }
    'cannot be made: java.io.IOException: the root, in java.lang.IllegalStateException: out' | { throw new IllegalStateException('out', new IOException('the root')) }
    'its mostEvents() fails: java.lang.IllegalStateException: how many?' | { new Undecided() }
  }

  def "what is configured as a secret is not repeated, wherever it stands in the message"() {
    given:
    context.environment.addPropertySource('database', ['datasources.default.password': 'hunter22'])
    bean { throw new IllegalStateException('login as hunter22 failed') }

    when:
    find('partition')

    then:
    def e = thrown(ConfigurationException)
    e.message.contains('login as *** failed')
  }

  def "a setting that a handler's own bean finds wrong is told by its key alone"() {
    given:
    bean { throw new IllegalStateException('wrapped', new ConfigurationException('bank.url', 'x', 'is none')) }

    when:
    find('partition')

    then:
    def e = thrown(RuntimeException)
    StartFailure.setting(e).get() == 'bank.url = x: is none'
  }
}
