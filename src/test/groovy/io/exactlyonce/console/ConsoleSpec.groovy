package io.exactlyonce.console

import io.exactlyonce.handler.ForPipeline
import io.exactlyonce.handler.Handler
import io.exactlyonce.handler.Outcome
import io.exactlyonce.handler.Output
import io.exactlyonce.local.BackendsSpec
import io.micronaut.context.ApplicationContext
import io.micronaut.context.RuntimeBeanDefinition
import io.micronaut.inject.annotation.MutableAnnotationMetadata
import io.micronaut.runtime.server.EmbeddedServer
import org.apache.kafka.clients.producer.ProducerRecord
import org.apache.kafka.common.header.internals.RecordHeader
import spock.lang.Requires
import spock.lang.Tag
import spock.lang.TempDir

import java.nio.file.Path
import java.time.Duration

/** The console in a real browser, on a pipeline that runs. {@code .ci/run} installs the browser. */
@Tag('long')
@Requires(value = { Browser.isThere() }, reason = 'chromium and chromedriver are not there; .ci/run installs them')
class ConsoleSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)
  static final TOKEN = 'a-token-of-anns-0123456789'

  @TempDir
  Path profile

  String source = unique('console-in')
  String sink = unique('console-out')
  String group = unique('console')
  int port = new ServerSocket(0).withCloseable { it.localPort }
  ApplicationContext context
  Browser browser

  def setup() {
    createTopic(source, 2)
    createTopic(sink, 1)
    start()
    browser = new Browser(profile)
    browser.go(URI.create("http://127.0.0.1:$port/console/"))
    await(BOUND) { assert browser.text('#link') == 'live' && browser.text('#state') == 'running' }
  }

  def cleanup() {
    browser?.close()
    context?.close()
  }

  void start() {
    def metadata = new MutableAnnotationMetadata()
    metadata.addDeclaredAnnotation(ForPipeline.name, [value: 'console'])
    context = ApplicationContext.builder()
        .overrideConfigLocations('classpath:no-such-file')
        .beanDefinitions(RuntimeBeanDefinition.builder(Handler, { handler() }).singleton(true).annotationMetadata(metadata).build())
        .properties([
            'micronaut.application.name': 'console-spec',
            'micronaut.server.port'     : port,
            'kafka.bootstrap.servers'   : bootstrapServers,
            'redis.uri'                 : redisUri,
            'pipeline.admin.token'      : "ann:$TOKEN".toString(),
            'pipelines.console.source'  : source,
            'pipelines.console.sinks'   : sink,
            'pipelines.console.group'   : group,
            'pipelines.console.instance-id': 'spec',
            'pipelines.console.retry.attempts': '1'])
        .build().start()
    context.getBean(EmbeddedServer).start()
  }

  Handler<byte[]> handler() {
    return { event ->
      def value = new String(event.value() as byte[])
      if (value.startsWith('bad')) throw new IllegalStateException('the bank is closed')
      Outcome.emit(Output.to(sink, event.key(), value))
    } as Handler<byte[]>
  }

  void send(String... values) {
    produce(values.collect { new ProducerRecord<byte[], byte[]>(source, it.hashCode() & 1, null, it.bytes, it.bytes, [new RecordHeader('event-id', it.bytes)]) })
  }

  /** The figure of this name at the top of the page. */
  String figure(String name) {
    browser.run('return [...document.querySelectorAll("#figures div")].find(f => f.querySelector("dt").textContent === arguments[0])?.querySelector("span").textContent', name)
  }

  boolean isEnabled(String label) {
    browser.run('return [...document.querySelectorAll("#acts button")].some(b => b.textContent === arguments[0] && !b.disabled)', label)
  }

  void giveToken(String token) {
    browser.run('document.getElementById("who").click()')
    browser.run('document.querySelector("dialog input").value = arguments[0]; document.querySelector("dialog form").requestSubmit()', token)
  }

  void confirm() {
    browser.run('document.querySelector("dialog form").requestSubmit()')
  }

  boolean isAsking() {
    browser.run('return document.querySelector("dialog").open')
  }

  def "numbers move, acts need a token and a confirmation, and the page survives a restart of the application"() {
    when: 'records come'
    send('a', 'bad1', 'b')

    then:
    await(BOUND) { assert figure('Dead letters') == '1' && browser.text('#line').contains('1 record went to the dead letters') && browser.text('#line') =~ /transactions? committed/ }

    and: 'without a token nothing can be done, and the page says why'
    !isEnabled('Pause')
    browser.run('return document.querySelector("#acts button").title').toString().contains('PIPELINE_ADMIN_TOKEN')

    when: 'the tab has a token that is no longer one'
    browser.run('sessionStorage.setItem("pipeline-token", "a-token-of-yesterday"); location.reload()')

    then: 'it is forgotten, and not sent on'
    await(BOUND) { assert browser.run('return sessionStorage.getItem("pipeline-token")') == null && browser.text('#state') == 'running' }

    when: 'a wrong token'
    giveToken('another-token-0123456789')

    then: 'it is refused, and the page says so'
    await(BOUND) { assert browser.text('dialog [role=alert]').contains('no token of PIPELINE_ADMIN_TOKEN') }
    !isEnabled('Pause')

    when: 'the right one; a pause is asked for, and confirmed'
    browser.run('document.querySelector("dialog").close()')
    giveToken(TOKEN)
    await(BOUND) { assert !isAsking() && isEnabled('Pause') }
    browser.click('Pause', '#acts')

    then:
    isAsking()
    browser.text('#state') == 'running'

    when:
    confirm()
    await(BOUND) { assert browser.text('#state') == 'paused by ann' && !isAsking() }
    browser.click('Resume', '#acts')
    confirm()
    await(BOUND) { assert browser.text('#state') == 'running' && !isAsking() }
    send('c')

    then: 'it goes on, and the acts are in the time line'
    browser.text('#about').contains('guard on, window 1d')
    browser.text('#about').contains('claims of generation ')
    browser.text('#line') =~ /took .*, in \d+\.\d\d s/
    await(BOUND) { assert readCommitted(sink).collect { new String(it.value()) }.toSorted() == ['a', 'b', 'c'] }
    await(BOUND) { assert browser.text('#line').contains('ann: POST /pipelines/console/resume from 127.0.0.1') }

    and: 'a partition without an owner is an alarm, but not one that a worker has got since the check'
    partitionOf('[]') == ['stopped', 's-bad']
    partitionOf('["in-0"]') == ['just assigned', 's-none']

    when: 'handlers get more calls at once'
    browser.click('Scale', '#acts')
    browser.run('document.querySelector("dialog input[name=concurrency]").value = "3"')
    confirm()

    then:
    await(BOUND) { assert !isAsking() && browser.text('#flow').contains('1 × 3 at a time') }

    when: 'somebody asks where a worker is'
    browser.click('Stack', '#workers')
    confirm()

    then:
    await(BOUND) { assert browser.text('#dialog-title') == 'console-spec-0' && browser.text('dialog').contains('io.exactlyonce.engine.worker.') }

    when: 'the application goes away and comes back'
    browser.run('document.querySelector("dialog").close()')
    context.close()
    await(BOUND) { assert browser.text('#link') == 'disconnected' && browser.text('#notice').contains('does not answer') }
    start()

    then:
    await(BOUND) { assert browser.text('#link') == 'live' && browser.run('return document.getElementById("notice").hidden') == true }
    browser.errors() == []
  }

  /** Text and class of a partition that the lag's last check found STOPPED, as the page draws it; the next look draws it anew. */
  private Object partitionOf(String assigned) {
    browser.runAsync("""const done = arguments[0];
        import("/console/view.js").then(view => {
          const part = { partition: "in-0", state: "STOPPED", records: 0, seconds: 0, perSecond: 0, committed: 0 };
          view.partitions({ workers: [{ worker: "w-0", partitions: $assigned }], lag: { partitions: [part], more: 0, at: new Date().toISOString() } }, new Map(), new Set());
          const drawn = document.querySelector("#parts li");
          done([drawn.querySelector(".st").textContent, drawn.className]);
        }, e => done([String(e)]));""".toString())
  }

  def "dead letters are looked at, previewed and replayed, and an event's story is told"() {
    given:
    send('good', 'bad1', 'bad2')
    await(BOUND) { assert figure('Dead letters') == '2' }
    giveToken(TOKEN)
    await(BOUND) { assert !isAsking() && isEnabled('Audit') }

    when:
    browser.run('document.querySelector("#letters-form button").click()')

    then:
    await(BOUND) { assert browser.run('return document.querySelectorAll("#letters li input").length') == 2 }

    when:
    browser.click('Replay all of these', '#letters-acts')
    confirm()

    then: 'the preview, of which nothing was written'
    await(BOUND) { assert browser.text('#dialog-title') == 'Replay 2 letters?' }
    browser.text('dialog pre').contains("$group" + '.dead-letters-')

    when:
    confirm()

    then: 'each is tried once more, and fails once more'
    await(BOUND) { assert figure('Dead letters') == '4' && browser.text('#jobs').contains('2 replayed') }

    when:
    browser.run('document.querySelector("#find-form input").value = "good"; document.querySelector("#find-form button").click()')

    then:
    await(BOUND) { assert browser.text('#story').contains('processed') && browser.text('#story').contains('receipt') }
    browser.errors() == []
  }

  def "a pipeline is set back after a preview and a confirmation"() {
    given:
    send('a', 'b')
    await(BOUND) { assert readCommitted(sink).size() == 2 }
    giveToken(TOKEN)
    await(BOUND) { assert !isAsking() && isEnabled('Rewind') }

    when:
    browser.click('Rewind', '#acts')
    browser.run('const [where, why] = document.querySelectorAll("dialog input"); where.value = "beginning"; why.value = "wrong rate"')
    confirm()

    then: 'what would move'
    await(BOUND) { assert browser.text('#dialog-title') ==~ /Set [12] partitions back\?/ }
    browser.text('dialog pre').contains("$source-")
    readCommitted(sink).size() == 2

    when:
    confirm()

    then: 'what was there comes again, and the jobs tell of it'
    await(BOUND) { assert !isAsking() && readCommitted(sink).size() == 4 }
    await(BOUND) { assert browser.text('#jobs') =~ /went back by \d+ offsets/ && browser.text('#state') == 'running' }
    browser.errors() == []
  }

  /** What axe-core finds that is serious or critical: rule, and where. */
  List<String> barriers() {
    browser.run(getClass().getResource('/axe/axe.min.js').text)
    (browser.runAsync('''const done = arguments[0];
        axe.run(document, { resultTypes: ["violations"] }).then(
          r => done(r.violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + n.any.map(a => a.message).join(" ")).join("; ")}`)),
          e => done([String(e)]));''') as List<String>)
  }

  def "axe-core finds nothing serious in light, in dark and on a phone, also where something is asked"() {
    given: 'a page with dead letters, an open dialog and a story'
    send('good', 'bad1', 'bad2')
    await(BOUND) { assert figure('Dead letters') == '2' }
    giveToken(TOKEN)
    await(BOUND) { assert !isAsking() && isEnabled('Audit') }
    browser.run('document.querySelector("#letters-form button").click()')
    browser.run('document.querySelector("#find-form input").value = "good"; document.querySelector("#find-form button").click()')
    await(BOUND) { assert browser.run('return document.querySelectorAll("#letters li input").length') == 2 && browser.text('#story').contains('receipt') }

    expect:
    [['light', 1280, true], ['light', 1280, false], ['dark', 1280, false], ['light', 390, false], ['dark', 390, false]].each { scheme, width, isStale ->
      browser.run('document.documentElement.classList.toggle("stale", arguments[0])', isStale)
      browser.prefer(scheme as String)
      browser.size(width as int, 900)
      assert browser.run('return matchMedia("(prefers-color-scheme: dark)").matches') == (scheme == 'dark')
      assert barriers() == [] : "$scheme, $width, stale: $isStale"
      assert browser.run('return document.documentElement.scrollWidth <= innerWidth') : "it is wider than the window: $scheme, $width"
    }

    when:
    browser.click('Rewind', '#acts')

    then:
    isAsking()
    barriers() == []
  }
}
