package io.exactlyonce.readme

import io.exactlyonce.kit.RunningPipeline
import io.exactlyonce.local.AnotherServer
import io.exactlyonce.local.Await
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalPorts
import org.h2.tools.Server
import spock.lang.Tag

import java.sql.DriverManager
import java.time.Duration

/** The manual's handlers with a database: prices by region, looked up over the network in an H2 that can be stopped. */
class DatabaseHandlerSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(60)

  int port = LocalPorts.free(1)[0]
  String catalogue = unique('catalogue')
  Server database = start()
  def kept = DriverManager.getConnection("jdbc:h2:mem:$catalogue")

  def setup() {
    kept.createStatement().withCloseable {
      it.execute('CREATE TABLE prices (region VARCHAR, article VARCHAR, cents BIGINT)')
      it.execute("INSERT INTO prices VALUES ('EU', 'tea', 450), ('EU', 'cup', 900), ('US', 'tea', 500)")
    }
  }

  def cleanup() {
    database.stop()
    kept.close()
  }

  def "one handler class serves two pipelines, each with its factory method's region"() {
    given:
    def europe = pipeline('relayed-prices-eu')
    def america = pipeline('relayed-prices-us')

    when:
    europe.send('e-1', 'a', [article: 'tea'])
    europe.send('e-2', 'a', [article: 'cup'])
    america.send('u-1', 'a', [article: 'tea'])

    then:
    europe.outputs('priced', Long).toSet() == [450L, 900L] as Set
    america.outputs('priced', Long) == [500L]

    cleanup:
    europe?.close()
    america?.close()
  }

  @Tag('long')
  def "records wait while the database is away, and none becomes a dead letter"() {
    given:
    def europe = pipeline('relayed-prices-eu')
    europe.send('e-1', 'a', [article: 'tea'])
    assert europe.outputs('priced', Long) == [450L]

    when: 'what is no database stands where it was'
    database.stop()
    def other = new AnotherServer(port)
    europe.send('e-2', 'a', [article: 'cup'])
    Await.until(BOUND) { assert other.clients() > 2 }
    other.close()
    database = start()

    then:
    europe.outputs('priced', Long).toSet() == [450L, 900L] as Set
    europe.deadLetters() == []

    cleanup:
    other?.close()
    europe?.close()
  }

  private Server start() {
    Server.createTcpServer('-tcpPort', "$port").start()
  }

  /** As the manual says, but for waits that a spec cannot afford. */
  private RunningPipeline pipeline(String name) {
    def settings = [sinks: 'priced', 'retry.attempts': '1000', 'retry.max-backoff': '1s', 'retry.on-exhausted': 'stop']
    RunningPipeline.of(name, settings, backends, [
        'redis.uri'                                : redisUri,
        'datasources.default.url'                  : "jdbc:h2:tcp://127.0.0.1:$port/mem:$catalogue".toString(),
        'datasources.default.username'             : '',
        'datasources.default.password'             : '',
        'datasources.default.connection-timeout'   : '2000'])
  }
}
