package io.exactlyonce.cli

import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import io.exactlyonce.wiring.NothingStarted
import io.exactlyonce.wiring.Pipelines
import io.micronaut.context.ApplicationContext
import io.micronaut.context.annotation.Context
import io.micronaut.context.event.ApplicationEventListener
import org.apache.kafka.clients.admin.RecordsToDelete
import org.apache.kafka.common.TopicPartition
import picocli.CommandLine
import spock.lang.AutoCleanup
import spock.lang.Tag

/** The claims are rebuilt with the application's configuration, and it says how many. */
class RebuildGuardCommandSpec extends BackendsSpec {

  String group = unique('rebuilt')
  String source = unique('source')
  String sink = unique('sink')
  StringWriter out = new StringWriter()
  StringWriter err = new StringWriter()

  @AutoCleanup
  HandMadePipeline pipeline

  def setup() {
    createTopic(source)
    createTopic(sink)
    createTopic(group + '.receipts')
    pipeline = new HandMadePipeline(bootstrapServers, admin, group, source, sink)
  }

  def "claims of what was committed are loaded, twice over if need be"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 20, duplicates: [3L])

    expect:
    rebuild('relay') == 0
    rebuild('relay') == 0
    out.toString().readLines().every { it.startsWith('relay: 19 claims rebuilt in ') }
    err.toString() == ''
  }

  def "claims that cannot be rebuilt are told of with their span, and the exit status is 1"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 20)
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(12)]).all().get()

    expect:
    rebuild('relay') == 1
    out.toString().startsWith('relay: 8 claims rebuilt in ')
    err.toString().readLines() == ["rebuild-guard: up to 12 claims of guard.window cannot be rebuilt: $source-0@0-11 (12: their records were deleted)".toString()]
  }

  @Tag('long')
  def "where the pipeline refuses to go on without them nothing is rebuilt, and the exit status is 2"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 20)
    admin.deleteRecords([(new TopicPartition(source, 0)): RecordsToDelete.beforeOffset(12)]).all().get()

    expect:
    rebuild('relay', ['pipelines.relay.guard.on-incomplete-rebuild': 'refuse']) == 2
    err.toString().contains("$source-0@0-11 (12: their records were deleted); guard.on-incomplete-rebuild is refuse")

    when:
    def status = rebuild('relay', ['pipelines.relay.guard.on-incomplete-rebuild': 'warn'])

    then:
    status == 1
    out.toString().startsWith('relay: 8 claims rebuilt in ')
  }

  @Tag('long')
  def "neither pipelines nor the application's listeners start beside it"() {
    given:
    produce(pipeline.records(0, 30))
    pipeline.transaction(0, 0, 20)

    expect: 'no handler is looked for either'
    rebuild('relay', ['pipelines.unheard.source': 'nothing-there']) == 0
    !admin.listGroups().all().get()*.groupId().any { it.contains('spec-no-listener') }

    when: 'the same beans as they are made when it serves'
    def context = ApplicationContext.builder().deduceEnvironment(false).beanConfigurations(new NothingStarted())
        .properties(['kafka.bootstrap.servers': bootstrapServers, 'redis.uri': redisUri]).start()

    then:
    !context.findBean(Pipelines).present
    def all = context.getBeanDefinitions(Object)
    all.every { !it.requiresMethodProcessing() }
    all.every { !it.annotationMetadata.hasStereotype(Context.name) }
    all.every { !ApplicationEventListener.isAssignableFrom(it.beanType) }

    cleanup:
    context?.close()
  }

  def "a pipeline that is not there is told of"() {
    expect:
    rebuild('nothing') == 2
    err.toString() ==~ /(?s).*nothing.* is no pipeline; there are \[.*relay.*\].*/
  }

  private int rebuild(String name, Map<String, String> more = [:]) {
    def settings = ['kafka.bootstrap.servers': bootstrapServers, 'redis.uri': redisUri, 'pipelines.relay.group': group,
                    'pipelines.relay.source': source, 'pipelines.relay.sinks': sink, 'micronaut.application.name': 'spec-no-listener'] + more
    new CommandLine(new RebuildGuardCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(*settings.collectMany { k, v -> ['-P', "$k=$v".toString()] }, name)
  }
}
