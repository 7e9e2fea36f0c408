package io.exactlyonce.local;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Proxy before a server that can be cut off, as by a firewall that drops packets. Connections that
 * are open then stay open and pass nothing any more, in both directions, also after {@link #mend}.
 * While it is cut off no new connection is accepted.
 */
public final class CutOff implements AutoCloseable {
  private static final long PAUSE_NANOS = 5_000_000;

  private final ServerSocket listening;
  private final int serverPort;
  private final List<Closeable> open = new CopyOnWriteArrayList<>();

  /**
   * Number of cuts. A connection passes bytes while this has the value that it had when it began.
   */
  private final AtomicInteger cuts = new AtomicInteger();

  private volatile boolean isCut;
  private volatile boolean isClosed;

  /**
   * @param serverPort port of the server on this machine
   */
  public CutOff(int serverPort) {
    this.serverPort = serverPort;
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept, "accept");
  }

  /** The port at which the proxy listens. */
  public int port() {
    return listening.getLocalPort();
  }

  public void cut() {
    isCut = true;
    cuts.incrementAndGet();
  }

  public void mend() {
    isCut = false;
  }

  private void accept() {
    try {
      while (true) {
        while (isCut && !isClosed) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
        Socket client = listening.accept();
        int begun = cuts.get();
        if (isCut) {
          open.add(client); // accepted during the cut: treated as one that was open before
          continue;
        }
        connect(client, begun);
      }
    } catch (IOException e) {
      // The proxy is closed.
    }
  }

  /**
   * Connects a client to the server. Where the server does not listen, the client's connection is
   * closed, and a later one may succeed.
   */
  private void connect(Socket client, int begun) throws IOException {
    Socket server;
    try {
      server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
    } catch (ConnectException e) {
      client.close();
      return;
    }
    open.addAll(List.of(client, server));
    start(() -> pass(client, server, begun), "up");
    start(() -> pass(server, client, begun), "down");
  }

  /**
   * Passes bytes, and the end of the stream, unless the proxy was cut off since the connection
   * began.
   */
  private void pass(Socket from, Socket to, int begun) {
    byte[] buffer = new byte[64 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (begun == cuts.get()) {
          out.write(buffer, 0, read);
        }
      }
      if (begun == cuts.get()) {
        to.close();
      }
    } catch (IOException e) {
      // One of the two has closed its connection.
    }
  }

  private static void start(Runnable task, String what) {
    Thread thread = new Thread(task, "cut-off-" + what);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    isClosed = true;
    try {
      listening.close();
      for (Closeable each : open) {
        each.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
