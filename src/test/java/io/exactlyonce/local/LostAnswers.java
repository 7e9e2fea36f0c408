package io.exactlyonce.local;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Proxy before one broker that can lose answers: from a request of a given kind on, that connection
 * stays open and passes no answer any more, as where a firewall drops packets. The broker receives
 * the request and carries it out. Clients use the proxy where the broker's {@code
 * advertised.listeners} name its port.
 */
public final class LostAnswers implements AutoCloseable {
  private static final int NONE = -1;

  private final ServerSocket listening;
  private final int brokerPort;
  private final AtomicInteger armed = new AtomicInteger(NONE);
  private final AtomicInteger lost = new AtomicInteger();
  private final List<Closeable> open = new CopyOnWriteArrayList<>();

  /**
   * @param port of the proxy
   * @param brokerPort of the broker
   */
  public LostAnswers(int port, int brokerPort) {
    this.brokerPort = brokerPort;
    try {
      listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept, "accept");
  }

  /** Loses the answer to the next request of this kind, and all later answers on its connection. */
  public void lose(int apiKey) {
    armed.set(apiKey);
  }

  /** Number of connections that have lost answers. */
  public int lost() {
    return lost.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Socket broker = new Socket(InetAddress.getLoopbackAddress(), brokerPort);
        open.addAll(List.of(client, broker));
        Connection connection = new Connection(client, broker);
        start(connection::up, "up");
        start(connection::down, "down");
      }
    } catch (IOException e) {
      // The proxy is closed.
    }
  }

  private static void start(Runnable task, String what) {
    Thread thread = new Thread(task, "lost-answers-" + what);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Closeable each : open) {
        each.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Connection {
    private final Socket client;
    private final Socket broker;
    private volatile boolean isSilent;

    Connection(Socket client, Socket broker) {
      this.client = client;
      this.broker = broker;
    }

    /**
     * Passes requests on, each as a whole: its length, and then its content, which begins with the
     * kind.
     */
    void up() {
      try (Socket from = client;
          Socket to = broker) {
        DataInputStream in = new DataInputStream(from.getInputStream());
        DataOutputStream out = new DataOutputStream(to.getOutputStream());
        while (true) {
          byte[] request = new byte[in.readInt()];
          in.readFully(request);
          int apiKey = (request[0] & 0xff) << 8 | request[1] & 0xff;
          if (armed.compareAndSet(apiKey, NONE)) {
            isSilent = true;
            lost.incrementAndGet();
          }
          out.writeInt(request.length);
          out.write(request);
          out.flush();
        }
      } catch (EOFException e) {
        // The client has closed its connection.
      } catch (IOException e) {
        // One of the two has closed its connection; the other one is closed here.
      }
    }

    void down() {
      byte[] buffer = new byte[64 * 1024];
      try (Socket from = broker;
          Socket to = client) {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (!isSilent) {
            out.write(buffer, 0, read);
          }
        }
      } catch (IOException e) {
        // One of the two has closed its connection.
      }
    }
  }
}
