package io.exactlyonce.console

import io.micronaut.context.ApplicationContext
import io.micronaut.http.HttpMethod
import io.micronaut.runtime.server.EmbeddedServer
import io.micronaut.web.router.Router
import org.yaml.snakeyaml.Yaml
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification
import spock.util.concurrent.PollingConditions

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.zip.GZIPOutputStream

/** The page's files as they are served, and the description of the API beside them. */
class PageSpec extends Specification {

  static final Path FILES = Path.of('src/main/resources/console')
  static final int MAX_BYTES = 60 * 1024

  @Shared @AutoCleanup
  ApplicationContext context = ApplicationContext.builder()
      .overrideConfigLocations('classpath:no-such-file')
      .properties(['micronaut.application.name': 'page-spec', 'micronaut.server.port': -1, 'kafka.bootstrap.servers': '127.0.0.1:1', 'redis.uri': 'redis://127.0.0.1:1'])
      .build().start()

  HttpClient http = HttpClient.newHttpClient()

  def setupSpec() {
    context.getBean(EmbeddedServer).start()
  }

  HttpResponse<byte[]> get(String path, Map<String, String> headers = [:]) {
    def request = HttpRequest.newBuilder(URI.create(context.getBean(EmbeddedServer).URI.toString() + path))
    headers.each { name, value -> request.header(name, value) }
    http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray())
  }

  static List<Path> files() {
    Files.list(FILES).withCloseable { it.toList() }
  }

  def "all of the page is 60 KB at most when it is compressed"() {
    given:
    def bytes = new ByteArrayOutputStream()
    new GZIPOutputStream(bytes).withCloseable { zip -> files().each { zip.write(Files.readAllBytes(it)) } }

    expect:
    files().size() > 5
    bytes.size() < MAX_BYTES
  }

  def "each file is served with its type, and is not sent again while it is the same"() {
    expect:
    files().each { file ->
      def answer = get("/console/$file.fileName")
      assert answer.statusCode() == 200 && answer.body() == Files.readAllBytes(file) : file
      assert answer.headers().firstValue('X-Content-Type-Options').get() == 'nosniff' : file
      assert get("/console/$file.fileName", ['If-None-Match': answer.headers().firstValue('ETag').get()]).statusCode() == 304 : file
    }
    get('/console/').headers().firstValue('Content-Type').get().startsWith('text/html')
    get('/console/console.js').headers().firstValue('Content-Type').get().startsWith('text/javascript')
  }

  def "the page's address without its slash leads there, and no path leads out: #path"() {
    expect:
    get(path).statusCode() == status

    where:
    path                                 || status
    '/console'                           || 301
    '/console/nothing.js'                || 404
    '/console/..%2fapplication.yml'      || 404
    '/console/%2e%2e/application.yml'    || 404
  }

  def "the page loads nothing from elsewhere, and has no script or style of its own inside: #file.fileName"() {
    given:
    def text = Files.readString(file)

    expect:
    !(text =~ /(?i)(src|href|from|url\(|import|fetch\()\s*[=(]?\s*["'`]?(https?:)?\/\//)
    !(text =~ /(?i)<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+="|innerHTML|eval\(/)

    where:
    file << files().findAll { it.toString() =~ /\.(html|js|css)$/ }
  }

  def "what others made is as they published it, with its licence: #file"() {
    expect:
    HexFormat.of().formatHex(MessageDigest.getInstance('SHA-256').digest(Files.readAllBytes(Path.of(file)))) == sum

    where:
    file                                               || sum
    'src/main/resources/console/uPlot.iife.min.js'     || '19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f'
    'src/main/resources/console/uPlot.min.css'         || 'df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04'
    'src/main/resources/console/uPlot.LICENSE.txt'     || '8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd'
    'src/test/resources/axe/axe.min.js'                || '29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c'
    'src/test/resources/axe/LICENSE'                   || 'af175b9d96ee93c21a036152e1b905b0b95304d4ae8c2c921c7609100ba8df7e'
  }

  def "what the page imports, and each element that it looks up, is there"() {
    given:
    def html = Files.readString(FILES.resolve('index.html'))
    def scripts = files().findAll { it.toString().endsWith('.js') }.collect { Files.readString(it) }.join('\n')

    expect:
    (scripts =~ /from '\.\/(.+?)'/).collect { it[1] }.every { Files.exists(FILES.resolve(it)) }
    (scripts =~ /\$\('([a-z-]+)'\)/).collect { it[1] as String }.unique().findAll { !html.contains("id=\"$it\"") } == []
  }

  def "the description of the API, made by the build, has every route and no other, each with what it is and answers"() {
    given:
    def api = new Yaml().load(new String(get('/console/openapi.yml').body(), 'UTF-8'))
    def described = (api.paths as Map<String, Map>).collectMany { path, item -> item.collect { verb, operation -> [route: "${verb.toUpperCase()} $path".toString(), *: operation] } }
    def routes = context.getBean(Router).uriRoutes().toList()
        .findAll { !it.declaringType.name.startsWith('io.micronaut.') && !(it.httpMethod in [HttpMethod.HEAD, HttpMethod.OPTIONS]) }
        .collect { "$it.httpMethod $it.uriMatchTemplate".toString() }.unique()

    expect: 'the page itself is not part of it'
    described.size() > 15
    described*.route.toSet() == routes.findAll { !(it in ['GET /console', 'GET /console/{file}']) }.toSet()
    described.findAll { !it.summary || it.responses.keySet().every { it.startsWith('4') } }*.route == []

    and: 'what is sent and answered has its fields and types'
    api.components.schemas.'ControlController.Wanted'.properties.workers.subMap('type', 'minimum', 'maximum') == [type: 'integer', minimum: 1, maximum: 256]
    described.find { it.route == 'POST /pipelines/{name}/replays' }.responses.'202'.content.'application/json'.schema.'$ref' == '#/components/schemas/JobsController.View'
    described.find { it.route == 'GET /pipelines' }.responses.'4XX'.content.'application/json'.schema.'$ref' == '#/components/schemas/Refused'
    described.find { it.route == 'GET /pipelines/{name}/letters' }.parameters*.name.containsAll(['since', 'until', 'reason', 'partition', 'limit', 'before'])
    api.components.securitySchemes.bearer.scheme == 'bearer'
  }

  def "more than twenty viewers are refused, and one that leaves makes room"() {
    given:
    def client = HttpClient.newHttpClient()
    def uri = URI.create(context.getBean(EmbeddedServer).URI.toString() + '/console/live')
    def open = { client.sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofInputStream()).get() as HttpResponse<InputStream> }

    when:
    def watching = (1..20).collect { open() }
    def refused = open()

    then:
    watching*.statusCode() == [200] * 20
    watching[0].body().withReader('UTF-8') { it.readLine() } == 'event: all'
    refused.statusCode() == 503
    refused.headers().firstValue('Retry-After').present

    and: 'the reader above has closed its stream, which the next look finds'
    new PollingConditions(timeout: 30).eventually {
      def again = open()
      again.body().close()
      assert again.statusCode() == 200
    }

    cleanup:
    watching?.each { it.body().close() }
  }
}
