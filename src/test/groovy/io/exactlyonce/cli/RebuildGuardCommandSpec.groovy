package io.exactlyonce.cli

import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.receipt.HandMadePipeline
import picocli.CommandLine
import spock.lang.AutoCleanup

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
    rebuild('payments') == 0
    rebuild('payments') == 0
    out.toString().readLines().every { it.startsWith('payments: 19 claims rebuilt in ') }
    err.toString() == ''
  }

  def "a pipeline that is not there is told of"() {
    expect:
    rebuild('nothing') == 2
    err.toString().contains('nothing is no pipeline') || err.toString().contains('is no pipeline; there are [payments]')
  }

  private int rebuild(String name) {
    def settings = ['kafka.bootstrap.servers': bootstrapServers, 'redis.uri': redisUri, 'pipelines.payments.group': group,
                    'pipelines.payments.source': source, 'pipelines.payments.sinks': sink]
    new CommandLine(new RebuildGuardCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(*settings.collectMany { k, v -> ['-P', "$k=$v".toString()] }, name)
  }
}
