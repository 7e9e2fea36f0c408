package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Server that is no Kafka broker: to anything it receives it answers as a web server does, and
 * closes the connection.
 */
public final class AnotherServer implements AutoCloseable {
  private static final byte[] ANSWER =
      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listening;
  private final Thread answering = new Thread(this::answer, "another-server");
  private final AtomicInteger clients = new AtomicInteger();

  public AnotherServer() {
    this(0);
  }

  /**
   * @param port to listen at; 0: any free one
   */
  public AnotherServer(int port) {
    try {
      listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    answering.setDaemon(true);
    answering.start();
  }

  /** Its address as HOST:PORT. */
  public String address() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  /** Number of connections so far. */
  public int clients() {
    return clients.get();
  }

  private void answer() {
    while (!listening.isClosed()) {
      try (Socket client = listening.accept()) {
        clients.incrementAndGet();
        client.setSoTimeout(1_000);
        client.getInputStream().read();
        client.getOutputStream().write(ANSWER);
      } catch (IOException e) {
        // The client is gone, or the server is closed.
      }
    }
  }

  /**
   * Closes the server, and returns when its port is free: while a thread is in accept(), the kernel
   * goes on listening for a moment after the close of the socket.
   */
  @Override
  public void close() {
    try {
      listening.close();
      answering.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
