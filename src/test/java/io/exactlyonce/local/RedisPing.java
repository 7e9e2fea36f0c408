package io.exactlyonce.local;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Check whether a Redis answers, over a socket of its own. */
final class RedisPing {
  private static final int BOUND_MILLIS = 1_000;
  private static final byte[] PING = "PING\r\n".getBytes(StandardCharsets.US_ASCII);

  private RedisPing() {}

  static boolean answers(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), BOUND_MILLIS);
      socket.setSoTimeout(BOUND_MILLIS);
      socket.getOutputStream().write(PING);
      String answer = new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
      // A server that is up and wants a password answers -NOAUTH; one that still loads its data,
      // -LOADING.
      return answer.equals("+PONG") || answer.equals("-NOAU");
    } catch (IOException e) {
      return false;
    }
  }
}
