package io.exactlyonce.console

import io.exactlyonce.handler.ForPipeline
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.local.BackendsSpec
import io.micronaut.context.ApplicationContext
import io.micronaut.context.RuntimeBeanDefinition
import io.micronaut.inject.annotation.MutableAnnotationMetadata
import io.micronaut.runtime.server.EmbeddedServer
import spock.lang.AutoCleanup
import spock.lang.Tag

import java.lang.management.ManagementFactory
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/**
 * What viewers of the console cost the process that serves them: the CPU time of the threads that look, that write and
 * that read receipts, of a pipeline with 24 partitions. Viewers themselves and workers are not counted.
 */
@Tag('long')
class ViewersSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)
  static final int VIEWERS = 10
  static final long SECONDS = Long.getLong('seconds', 10)

  /** Of a core, with room for a machine that is slow and not yet warm; 0.33 % were measured, 0.11 % of it without viewers. */
  static final double MAX_SHARE = 0.03

  @AutoCleanup
  ApplicationContext context

  HttpClient http = HttpClient.newHttpClient()
  List<InputStream> open = []

  def cleanup() {
    open*.close()
  }

  /** Nanoseconds so far, of the threads that have to do with viewers. */
  static long spent() {
    def threads = ManagementFactory.threadMXBean
    threads.getThreadInfo(threads.allThreadIds).toList().findAll { it && isServing(it.threadName) }.sum(0L) { threads.getThreadCpuTime(it.threadId) } as long
  }

  static boolean isServing(String thread) {
    thread in ['console', 'commit-watch'] || thread.startsWith('default-nioEventLoopGroup') || thread.startsWith('io-executor') || thread.startsWith('virtual-executor')
  }

  static double share() {
    def before = spent()
    def from = System.nanoTime()
    assert !new CountDownLatch(1).await(SECONDS, TimeUnit.SECONDS)
    (spent() - before) / (System.nanoTime() - from)
  }

  void watch(URI live) {
    def answer = http.send(HttpRequest.newBuilder(live).build(), HttpResponse.BodyHandlers.ofInputStream())
    assert answer.statusCode() == 200
    open << answer.body()
    def reading = new Thread({ try { answer.body().transferTo(OutputStream.nullOutputStream()) } catch (IOException e) { null } }, 'viewer')
    reading.daemon = true
    reading.start()
  }

  def "ten viewers cost next to nothing"() {
    given:
    def source = unique('viewers')
    createTopic(source, 24)
    def metadata = new MutableAnnotationMetadata()
    metadata.addDeclaredAnnotation(ForPipeline.name, [value: 'viewed'])
    context = ApplicationContext.builder()
        .overrideConfigLocations('classpath:no-such-file')
        .beanDefinitions(RuntimeBeanDefinition.builder(Handler, { { event -> Outcome.skip('seen') } as Handler<byte[]> }).singleton(true).annotationMetadata(metadata).build())
        .properties([
            'micronaut.application.name': 'viewers-spec',
            'micronaut.server.port'     : -1,
            'kafka.bootstrap.servers'   : bootstrapServers,
            'redis.uri'                 : redisUri,
            'pipelines.viewed.source'   : source,
            'pipelines.viewed.group'    : source,
            'pipelines.viewed.lag.check-every': '1s'])
        .build().start()
    def server = context.getBean(EmbeddedServer)
    server.start()
    def live = server.URI.resolve('/console/live')

    when: 'all of it was compiled once'
    VIEWERS.times { watch(live) }
    share()
    def with = share()
    open*.close()
    open.clear()
    await(BOUND) { assert context.getBean(LiveController).viewers() == 0 }
    def without = share()
    println String.format(Locale.ROOT, 'viewers: %.2f %% of a core with %d, %.2f %% with none, over %d s', with * 100, VIEWERS, without * 100, SECONDS)

    then:
    with > 0
    with - without < MAX_SHARE
  }
}
