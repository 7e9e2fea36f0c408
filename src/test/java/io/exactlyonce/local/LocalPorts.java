package io.exactlyonce.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Picks free loopback ports.
 *
 * <p>They lie below the ephemeral range on purpose. While a server is down for its restart, an
 * attempt to connect to its port may get that very port as its source, if it is an ephemeral one.
 * TCP then connects the client to itself, and the server finds its port taken when it comes back.
 */
public final class LocalPorts {
  private static final int FIRST = 15_000;
  private static final int END = 30_000;

  private LocalPorts() {}

  public static List<Integer> free(int count) {
    Set<Integer> ports = new LinkedHashSet<>();
    while (ports.size() < count) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (isFree(port)) {
        ports.add(port);
      }
    }
    return List.copyOf(ports);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
