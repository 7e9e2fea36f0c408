package com.example.weblogs

import io.exactlyonce.kit.RunningPipeline
import io.exactlyonce.local.BackendsSpec
import org.yaml.snakeyaml.Yaml
import spock.lang.AutoCleanup
import spock.lang.Shared

/** The whole pipeline as application-weblogs.yml configures it, on a real Kafka and a real Redis. */
class WeblogPipelineSpec extends BackendsSpec {

  @Shared
  @AutoCleanup
  RunningPipeline pipeline

  def setupSpec() {
    pipeline = RunningPipeline.of('weblogs', configured(), backends)
  }

  /** Without its source, which is the spec's own. */
  static Map<String, String> configured() {
    def yaml = WeblogPipelineSpec.getResourceAsStream('/application-weblogs.yml').withCloseable { new Yaml().load(it) }
    def weblogs = yaml.pipelines.weblogs
    [sinks: weblogs.sinks.join(','), ordering: weblogs.ordering, concurrency: "$weblogs.concurrency".toString(),
     'guard.on-missing-id': weblogs.guard.'on-missing-id']
  }

  def "lines become accesses, in the order of their host, and each once; what is no line becomes a dead letter"() {
    when:
    (1..50).each { pipeline.send("l-$it", 'h1', line('h1', it)) }
    pipeline.send('l-7', 'h1', line('h1', 7))
    pipeline.send('bad', 'h1', line('h1', 51).replace('200', 'secret'))
    pipeline.send('l-52', 'h2', line('h2', 52))

    then:
    def accesses = pipeline.outputs('accesses', Access)
    accesses.findAll { it.host() == 'h1' }*.path() == (1..50).collect { "/p/$it".toString() }
    accesses.findAll { it.host() == 'h2' }*.path() == ['/p/52']
    pipeline.deadLetters()*.reason() == ['log line refused: status is not from 100 to 599']
  }

  static String line(String host, int number) {
    /$host - - [21\/Nov\/2026:10:00:00 +0000] "GET \/p\/$number HTTP\/1.1" 200 512/.replace('\\/', '/')
  }
}
