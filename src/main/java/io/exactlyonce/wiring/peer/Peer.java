package io.exactlyonce.wiring.peer;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * An address whose protocol is found out by a request of a few bytes. A Kafka client would take the
 * first four bytes of any answer for a length: those of "HTTP" make 1.2 GB.
 */
record Peer(String host, int port) {
  /** Protocols that are told apart. */
  enum Speech {
    KAFKA("Kafka"),
    REDIS("Redis"),
    HTTP("HTTP (a web server)"),
    OTHER("something else"),
    /** No answer, or none that shows the protocol: the service may be down, slow or elsewhere. */
    UNKNOWN("");

    final String text;

    Speech(String text) {
      this.text = text;
    }
  }

  /**
   * The protocol that is spoken at an address.
   *
   * @param tls whether it is spoken over TLS
   */
  record Answer(Speech speech, boolean tls) {
    private static final Answer NONE = new Answer(Speech.UNKNOWN, false);

    private boolean isNone() {
      return speech == Speech.UNKNOWN && !tls;
    }

    @Override
    public String toString() {
      return speech == Speech.UNKNOWN ? "TLS" : speech.text + (tls ? " in TLS" : " without TLS");
    }
  }

  private static final int PATIENCE_MS = 1_000;
  private static final int CORRELATION = 0x6b61666b;

  /**
   * Bytes of an answer that suffice: of Kafka's, the length (4), correlation id (4) and error code
   * (2).
   */
  private static final int ENOUGH = 10;

  private static final int MOST = 1024 * 1024;

  /** Kafka's ApiVersions request (KIP-35), which needs no login. */
  private static byte[] apiVersions() {
    try {
      byte[] client = "address-check".getBytes(StandardCharsets.US_ASCII);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream request = new DataOutputStream(bytes);
      request.writeInt(2 + 2 + 4 + 2 + client.length);
      request.writeShort(18);
      request.writeShort(0);
      request.writeInt(CORRELATION);
      request.writeShort(client.length);
      request.write(client);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
  }

  /** A request that Redis answers, and a web server refuses as a bad one. */
  private static byte[] ping() {
    return "PING\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Asks for the protocol.
   *
   * @param tls whether TLS is expected; the other way is tried where nothing answers this one
   * @param redisFirst whether Redis' request is sent before Kafka's: either server logs an error
   *     about a request that is not its own
   */
  Answer ask(boolean tls, boolean redisFirst) {
    if (!listens()) {
      return Answer.NONE;
    }
    Answer answer = askAs(tls, redisFirst);
    // A service that does not answer over TLS may answer without, or the reverse.
    return answer.isNone() ? askAs(!tls, redisFirst) : answer;
  }

  private Answer askAs(boolean tls, boolean redisFirst) {
    byte[] first = redisFirst ? ping() : apiVersions();
    Answer answer = exchange(tls, first);
    return answer.speech() != Speech.UNKNOWN || !listens()
        ? answer
        : better(answer, exchange(tls, redisFirst ? apiVersions() : ping()));
  }

  private static Answer better(Answer one, Answer other) {
    return other.isNone() ? one : other;
  }

  private boolean listens() {
    try {
      connect().close();
      return true;
    } catch (IOException | RuntimeException e) { // nothing listens, or the address cannot be used
      return false;
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    try {
      socket.setSoTimeout(PATIENCE_MS);
      socket.connect(new InetSocketAddress(host, port), PATIENCE_MS);
      return socket;
    } catch (IOException | RuntimeException e) { // such as a name that is not resolved
      socket.close();
      throw e;
    }
  }

  private Answer exchange(boolean tls, byte[] question) {
    boolean shookHands = false;
    try (Socket plain = connect();
        Socket socket = tls ? secured(plain) : plain) {
      shookHands = tls;
      socket.getOutputStream().write(question);
      socket.getOutputStream().flush();
      Speech speech = speech(read(socket.getInputStream()));
      return speech == null ? new Answer(Speech.UNKNOWN, true) : new Answer(speech, tls);
    } catch (IOException | GeneralSecurityException | RuntimeException e) { // it does not answer
      return shookHands ? new Answer(Speech.UNKNOWN, true) : Answer.NONE;
    }
  }

  private SSLSocket secured(Socket plain) throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anybody()}, null);
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
    socket.startHandshake();
    return socket;
  }

  private static byte[] read(InputStream in) throws IOException {
    byte[] answer = new byte[ENOUGH];
    int length = in.readNBytes(answer, 0, 1);
    // The rest, if it comes: Redis' answer may be shorter, and shows itself by the first byte.
    try {
      length += length == 0 ? 0 : in.readNBytes(answer, 1, ENOUGH - 1);
    } catch (IOException cutOff) {
      return Arrays.copyOf(answer, 1);
    }
    return Arrays.copyOf(answer, length);
  }

  /**
   * The protocol of an answer; null for a record of TLS, such as the alert that refuses plain
   * bytes.
   */
  private static @Nullable Speech speech(byte[] answer) {
    if (answer.length == 0) {
      return Speech.UNKNOWN;
    }
    if (answer[0] == 0x15 || answer[0] == 0x16) {
      return null;
    }
    if (answer[0] == '+' || answer[0] == '-') {
      return Speech.REDIS;
    }
    if (new String(answer, StandardCharsets.ISO_8859_1).startsWith("HTTP/")) {
      return Speech.HTTP;
    }
    if (answer.length < ENOUGH) {
      return Speech.OTHER;
    }
    ByteBuffer header = ByteBuffer.wrap(answer);
    int length = header.getInt();
    boolean kafka = length > 0 && length < MOST && header.getInt() == CORRELATION;
    return kafka ? Speech.KAFKA : Speech.OTHER;
  }

  /** Trusts every certificate: nothing secret is sent, so the peer need not prove who it is. */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
