package io.exactlyonce.ops.access

import io.exactlyonce.local.LogLines
import io.micronaut.context.ApplicationContext
import io.micronaut.http.HttpMethod
import io.micronaut.http.server.exceptions.ExceptionHandler
import io.micronaut.inject.qualifiers.Qualifiers
import io.micronaut.runtime.server.EmbeddedServer
import io.micronaut.web.router.Router
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.channels.ClosedChannelException

/** Every route of the engine, as the router lists them: none changes anything without a token, none is read without one where reading is guarded. */
class GuardedRoutesSpec extends Specification {

  static final TOKEN = 'a-token-of-anns-0123456789'
  static final VIEW = 'a-token-of-vics-0123456789'

  /** What anybody may read: probes, metrics, and the console's files, which hold no data. */
  static final OPEN = ['/console', '/console/{file}']

  @Shared @AutoCleanup
  ApplicationContext both = server('pipeline.admin.token': "ann:$TOKEN".toString(), 'pipeline.view.token': "vic:$VIEW".toString())

  @Shared @AutoCleanup
  ApplicationContext neither = server([:])

  HttpClient http = HttpClient.newHttpClient()

  static ApplicationContext server(Map<String, Object> more) {
    def context = ApplicationContext.builder()
        .overrideConfigLocations('classpath:no-such-file')
        .properties(['micronaut.application.name': 'routes-spec', 'micronaut.server.port': -1, 'kafka.bootstrap.servers': '127.0.0.1:1', 'redis.uri': 'redis://127.0.0.1:1'] + more)
        .build().start()
    context.getBean(EmbeddedServer).start()
    context
  }

  List<List> routes() {
    both.getBean(Router).uriRoutes().toList()
        .findAll { it.declaringType.name.startsWith('io.exactlyonce.') && !it.declaringType.name.startsWith('io.exactlyonce.relay.') }
        .collect { [it.httpMethod, it.uriMatchTemplate.toString()] }.unique()
  }

  List<List> changes() {
    routes().findAll { !(it[0] in [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS]) }
  }

  HttpResponse<String> ask(ApplicationContext at, method, String template, Map<String, String> headers = [:]) {
    def path = template.replace('{id}', '1').replaceAll(/\{[^}]*}/, 'x')
    def body = method in [HttpMethod.GET, HttpMethod.HEAD] ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString('{}')
    def request = HttpRequest.newBuilder(URI.create(at.getBean(EmbeddedServer).URI.toString() + path)).method(method.toString(), body)
    ([('Content-Type'): 'application/json'] + headers).each { name, value -> request.header(name, value) }
    http.send(request.build(), HttpResponse.BodyHandlers.ofString())
  }

  def "there are routes that change something, and all of them are below /pipelines"() {
    expect:
    changes().size() >= 2
    changes().every { it[1].startsWith('/pipelines/') }
  }

  def "without a configured token each change is refused with the remedy"() {
    expect:
    changes().each { method, template ->
      def answer = ask(neither, method, template, [Authorization: "Bearer $TOKEN".toString()])
      assert answer.statusCode() == 403 && answer.body().contains('PIPELINE_ADMIN_TOKEN is not set') : "$method $template"
    }
  }

  def "each change needs the admin's token, JSON, a host that is ours and no page elsewhere"() {
    expect:
    changes().each { method, template ->
      assert ask(both, method, template).statusCode() == 401 : "$method $template"
      assert ask(both, method, template, [Authorization: "Bearer $VIEW".toString()]).statusCode() == 403 : "$method $template"
      def known = [Authorization: "Bearer $TOKEN".toString()]
      assert ask(both, method, template, known + ['Content-Type': 'text/plain']).statusCode() == 415 : "$method $template"
      assert ask(both, method, template, known + [Origin: 'http://evil.example']).statusCode() == 403 : "$method $template"
      assert ask(both, method, template, known + ['Sec-Fetch-Site': 'cross-site']).statusCode() == 403 : "$method $template"
      assert ask(both, method, template, known + ['Sec-Fetch-Site': 'same-site']).statusCode() == 403 : "$method $template"
      def passed = ask(both, method, template, known + ['Sec-Fetch-Site': 'same-origin'])
      assert passed.statusCode() == 404 && passed.body().contains('there is no pipeline x') : "$method $template: ${passed.body()}"
    }
  }

  def "where reading is guarded each route needs a token, the viewer's or the admin's"() {
    expect:
    routes().findAll { it[0] == HttpMethod.GET && !(it[1] in OPEN) }.each { method, template ->
      assert ask(both, method, template).statusCode() == 401 : "$method $template"
      assert ask(both, method, template + '/').statusCode() in [401, 404] : "$method $template/"
      assert ask(both, HttpMethod.HEAD, template).statusCode() in [401, 405] : "HEAD $template"
      assert template == '/console/live' || [VIEW, TOKEN].every { ask(both, method, template, [Authorization: "Bearer $it".toString()]).statusCode() in [200, 404] } : "$method $template"
    }
  }

  /** HttpClient sets the header Host itself, so the request is written by hand. */
  int statusWithHost(ApplicationContext at, String template, String host, String token = null) {
    def path = template.replace('{id}', '1').replaceAll(/\{[^}]*}/, 'x')
    new Socket('127.0.0.1', at.getBean(EmbeddedServer).port).withCloseable { socket ->
      socket.soTimeout = 20_000
      socket.outputStream << "GET $path HTTP/1.1\r\n${host == null ? '' : "Host: $host\r\n"}${token ? "Authorization: Bearer $token\r\n" : ''}Connection: close\r\n\r\n"
      socket.inputStream.newReader().readLine().tokenize(' ')[1] as int
    }
  }

  def "no route is read through a name that is bound to this address, unless with a token"() {
    given:
    def guarded = routes().findAll { it[0] == HttpMethod.GET && !(it[1] in OPEN) }*.getAt(1)
    def hosted = server('pipeline.admin.token': "ann:$TOKEN".toString(), 'pipeline.admin.hosts': 'Ops.example,')

    expect:
    guarded.size() > 5
    guarded.each { template ->
      assert ['evil.example', 'evil.example:8080', 'localhost.evil.example', '', null].every { statusWithHost(neither, template, it) == 403 } : template
      assert ['ops.example', 'ops.example:8080', 'LOCALHOST:8080', '10.1.2.3', '[::1]:8080'].every { statusWithHost(hosted, template, it) != 403 } : template
      assert statusWithHost(hosted, template, 'evil.example', TOKEN) != 403 : template
    }

    and: 'probes and scrapers ask by any name, and the page without its data is no secret'
    statusWithHost(neither, '/health/liveness', 'payments') in [200, 404]
    statusWithHost(neither, '/console/console.js', 'evil.example') == 200

    cleanup:
    hosted?.close()
  }

  def "a path that is written another way is not a way around: #path"() {
    expect:
    ask(both, HttpMethod.POST, path).statusCode() in [400, 401, 404, 405]

    where:
    path << ['/pipelines/', '//pipelines/x/stops/retry', '/%70ipelines/x/stops/retry', '/pipelines/x/stops/retry/', '/PIPELINES/x/stops/retry', '/pipelines/../pipelines/x/stops/retry']
  }

  def "answers about pipelines tell browsers to load nothing from elsewhere and keep nothing"() {
    when:
    def answer = ask(both, HttpMethod.GET, '/pipelines', headers)

    then:
    answer.statusCode() == status
    answer.headers().firstValue('Content-Security-Policy').get().startsWith("default-src 'self'")
    answer.headers().firstValue('Content-Security-Policy').get().contains("frame-ancestors 'none'")
    answer.headers().firstValue('X-Content-Type-Options').get() == 'nosniff'
    answer.headers().firstValue('Cache-Control').get() == 'no-store'

    where:
    headers                                     || status
    [Authorization: "Bearer $VIEW".toString()] || 200
    [:]                                        || 401
  }

  def "each change is a line in the log: who, what, from where and the answer; no line has a token"() {
    given:
    def seen = new LogLines(AdminFilter.packageName)

    when:
    ask(both, HttpMethod.POST, '/pipelines/x/pause', [Authorization: "Bearer $TOKEN".toString()])
    ask(both, HttpMethod.POST, '/pipelines/x/pause', [Authorization: "Bearer $VIEW".toString()])
    ask(both, HttpMethod.GET, '/pipelines', [Authorization: "Bearer $TOKEN".toString()])

    then:
    seen.texts().findAll { it.contains('/pipelines/x/pause') }*.replaceAll(/ 127.0.0.1/, ' /127.0.0.1').collect { it.tokenize(';')[0] } == [
        'ann: POST /pipelines/x/pause from /127.0.0.1: 404',
        'refused POST /pipelines/x/pause from /127.0.0.1: this token allows reading only']

    cleanup:
    seen.close()
  }

  def "an exception or error that is not foreseen shows nothing of its message: #type.simpleName"() {
    given:
    def handler = both.findBean(ExceptionHandler, Qualifiers.byTypeArgumentsClosest(type, Object)).get()
    def request = io.micronaut.http.HttpRequest.GET('/payments')

    expect:
    handler.handle(request, type.getConstructor(String).newInstance('the value 4711')).body().toString() == 'Refusal[trouble=internal error; the log of this instance has the exception]'

    where:
    type << [IOException, IllegalStateException, Exception, StackOverflowError]
  }

  def "a client that has gone is no error of the log: #thrown"() {
    given:
    def seen = new LogLines(Unforeseen.name)
    def request = io.micronaut.http.HttpRequest.GET('/gone')

    when:
    new Unforeseen().handle(request, thrown)

    then:
    seen.events().findAll { it.formattedMessage.contains('/gone') }*.level*.toString().findAll { it in ['WARN', 'ERROR'] } == levels

    cleanup:
    seen.close()

    where:
    thrown                                           || levels
    new IOException('Connection reset by peer')      || []
    new IOException('Broken pipe')                   || []
    new ClosedChannelException()                     || []
    new SocketException('Connection reset')          || []
    new IOException('No space left on device')       || ['ERROR']
    new IllegalStateException('Connection reset')    || ['ERROR']
  }

  def "what has no stream takes no viewer's place"() {
    when:
    30.times { ask(neither, HttpMethod.HEAD, '/console/live') }

    then:
    statusWithHost(neither, '/console/live', 'localhost') == 200
  }

  def "after ten wrong tokens an address is shut out, also with a right one, and may read what is open"() {
    given:
    def own = server('pipeline.admin.token': "ann:$TOKEN".toString())

    when: 'a page has a token of yesterday, and a proxy sends what is no token of ours'
    def stale = (1..20).collect { ask(own, HttpMethod.POST, '/pipelines/x/stops/retry', [Authorization: 'Bearer of-yesterday-012345']).statusCode() }
    def basic = (1..20).collect { ask(own, HttpMethod.POST, '/pipelines/x/stops/retry', [Authorization: "Basic guess$it".toString()]).statusCode() }

    then:
    (stale + basic).every { it == 401 }

    when:
    def before = (2..10).collect { ask(own, HttpMethod.POST, '/pipelines/x/stops/retry', [Authorization: "Bearer guess-$it".toString()]).statusCode() }
    def after = ask(own, HttpMethod.POST, '/pipelines/x/stops/retry', [Authorization: "Bearer $TOKEN".toString()])

    then:
    before == [401] * 9
    after.statusCode() == 429
    after.headers().firstValue('Retry-After').get() == '60'
    ask(own, HttpMethod.GET, '/pipelines').statusCode() == 200

    cleanup:
    own?.close()
  }
}
