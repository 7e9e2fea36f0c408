package io.exactlyonce.local

import spock.lang.AutoCleanup
import spock.lang.Specification

/** A proxy that gives up by itself would be taken for a fault of what is behind it. */
class CutOffSpec extends Specification {

  @AutoCleanup
  ServerSocket server = new ServerSocket(0, 50, InetAddress.loopbackAddress)

  @AutoCleanup
  CutOff proxy = new CutOff(server.localPort)

  Socket connect() {
    new Socket(InetAddress.loopbackAddress, proxy.port()).tap { it.soTimeout = 20_000 }
  }

  def "whoever comes while the server is away is told by an end, and the next one gets through"() {
    given:
    int port = server.localPort
    server.close()

    when:
    def early = connect()

    then:
    early.inputStream.read() == -1

    when:
    server = new ServerSocket(port, 50, InetAddress.loopbackAddress)
    def late = connect()
    late.outputStream.write(7)

    then:
    server.accept().tap { it.soTimeout = 20_000 }.inputStream.read() == 7

    cleanup:
    early?.close()
    late?.close()
  }
}
