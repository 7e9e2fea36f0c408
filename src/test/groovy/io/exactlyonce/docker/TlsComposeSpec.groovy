package io.exactlyonce.docker

import io.exactlyonce.local.Compose
import io.exactlyonce.local.LocalPorts
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.nio.file.Files
import java.nio.file.Path

/** docker/compose.tls.yml over docker/compose.yml: the same, encrypted and with logins. */
class TlsComposeSpec extends Specification {

  static final List<String> AUDIT = ['run', '--rm', '-T', '--no-deps', 'app', 'audit', '--group', 'payments', '--source', 'payments',
                                     '--sinks', 'ledger,notifications']

  @Shared
  List<Integer> ports = LocalPorts.free(4)

  @Shared
  @AutoCleanup
  Compose compose = new Compose('eo-tls', ['compose.yml', 'compose.tls.yml'],
      [KAFKA_PORT_1: "${ports[0]}", KAFKA_PORT_2: "${ports[1]}", KAFKA_PORT_3: "${ports[2]}", REDIS_PORT: "${ports[3]}",
       SERVER_PORT: '0', KAFKA_PASSWORD: 'of-this-spec'].collectEntries { k, v -> [k, v.toString()] },
      Files.createDirectories(Path.of('target', 'compose-tls').toAbsolutePath()))

  def setupSpec() {
    compose.close()
    compose.run('up', '--build', '--detach', '--wait', 'app')
  }

  def "payments go through, and the audit finds nothing; neither without the certificate and the login"() {
    when:
    compose.run('run', '--rm', '-T', '--no-deps', '--env', 'LOAD_RATE=0', '--env', 'LOAD_LIMIT=5000', 'load',
        '--config', '/certs/client.properties', '--quiet')
    def audit = compose.run(*AUDIT, '--config', '/certs/client.properties')

    then:
    audit.contains('lost 0  duplicated 0  out of order 0  unaccounted 0')

    when:
    compose.run(*AUDIT)

    then:
    thrown(IllegalStateException)

    when: 'Redis is asked without TLS'
    compose.docker('exec', compose.container('redis', 1), 'redis-cli', 'ping')

    then:
    thrown(IllegalStateException)
  }
}
