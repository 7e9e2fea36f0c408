package com.example.payments

import io.micronaut.context.ApplicationContext
import io.micronaut.core.type.Argument
import io.micronaut.inject.BeanConfiguration
import io.micronaut.json.JsonMapper
import io.micronaut.runtime.server.EmbeddedServer

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse

/** The sample's own beans behind HTTP, without the pipeline: what comes of a payment is not asked here. */
class PaymentsApp implements AutoCloseable {

  private final EmbeddedServer server
  private final HttpClient http = HttpClient.newHttpClient()

  PaymentsApp(String bootstrapServers) {
    server = ApplicationContext.builder()
        .properties(
            'micronaut.application.name': 'payments-spec',
            'micronaut.server.port': -1,
            'kafka.bootstrap.servers': bootstrapServers)
        .beanConfigurations(BeanConfiguration.disabled('io.exactlyonce'))
        .build()
        .start()
        .getBean(EmbeddedServer)
    server.start()
  }

  HttpResponse<String> pay(Map<String, String> headers, String body) {
    def request = HttpRequest.newBuilder(server.URI.resolve('/payments'))
        .header('Content-Type', 'application/json')
        .POST(HttpRequest.BodyPublishers.ofString(body))
    headers.each { name, value -> request.header(name, value) }
    http.send(request.build(), HttpResponse.BodyHandlers.ofString())
  }

  HttpResponse<String> account(String id) {
    def request = HttpRequest.newBuilder(server.URI.resolve("/accounts/$id")).build()
    http.send(request, HttpResponse.BodyHandlers.ofString())
  }

  Balances getBalances() {
    server.applicationContext.getBean(Balances)
  }

  static Object json(byte[] body) {
    JsonMapper.createDefault().readValue(body, Argument.OBJECT_ARGUMENT)
  }

  static Object json(HttpResponse<String> response) {
    json(response.body().bytes)
  }

  @Override
  void close() {
    server.applicationContext.close()
  }
}
