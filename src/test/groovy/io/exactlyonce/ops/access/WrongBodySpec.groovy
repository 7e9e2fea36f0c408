package io.exactlyonce.ops.access

import io.micronaut.context.ApplicationContext
import io.micronaut.http.HttpMethod
import io.micronaut.runtime.server.EmbeddedServer
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse

/** Bodies that are no JSON, or whose fields are of another type: what an answer says of them, and what it does not. */
class WrongBodySpec extends Specification {

  static final TOKEN = 'a-token-of-anns-0123456789'
  static final SECRET = 'hunter2'

  @Shared @AutoCleanup
  ApplicationContext context = GuardedRoutesSpec.server('pipeline.admin.token': "ann:$TOKEN".toString())

  HttpClient http = HttpClient.newHttpClient()

  HttpResponse<String> post(String path, String body) {
    def request = HttpRequest.newBuilder(URI.create(context.getBean(EmbeddedServer).URI.toString() + path))
        .header('Content-Type', 'application/json').header('Authorization', "Bearer $TOKEN")
    http.send(request.method(HttpMethod.POST.toString(), HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString())
  }

  def "a field of the wrong type is refused with its name, and without its value: #path #body"() {
    when:
    def answer = post("/pipelines/x/$path", body)

    then:
    answer.statusCode() == 400
    answer.body().startsWith("{\"trouble\":\"$field: ")
    ![SECRET, 'io.', 'java', 'Exception', 'argument'].any { answer.body().contains(it) }

    where:
    path                   | body                                    || field
    'replays'              | '{"limit":"hunter2"}'                   || 'limit'
    'replays'              | '{"limit":{"hunter2":1}}'               || 'limit'
    'replays'              | '{"positions":{"hunter2":1}}'           || 'positions'
    'replays'              | '{"since":{"hunter2":1}}'               || 'since'
    'stops/a-0@1/skip'     | '{"why":{"hunter2":1}}'                 || 'why'
  }

  def "a body that is no JSON object is refused, and not repeated: #body"() {
    when:
    def answer = post("/pipelines/x/replays", body)

    then:
    answer.statusCode() == 400
    answer.body().startsWith('{"trouble":"body: ')
    ![SECRET, 'io.', 'java', 'Exception', 'argument'].any { answer.body().contains(it) }

    where:
    body << ['{"limit":', 'hunter2', '"hunter2"', '[1,"hunter2"]', '{"hunter2":1,}', '17']
  }
}
