package io.exactlyonce.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** The loopback ports of {@code mvn -Pdev}: by default those that the application expects. */
record DevPorts(int kafka, int redis, int server, int debug) {
  private static final int MAX = 65_535;

  static DevPorts of(Properties properties) {
    return new DevPorts(
        port(properties, "kafka-port", 9092),
        port(properties, "redis-port", 6379),
        port(properties, "server-port", 8080),
        port(properties, "debug-port", 5005));
  }

  private static int port(Properties properties, String key, int otherwise) {
    String text = properties.getProperty(key, String.valueOf(otherwise));
    try {
      int port = Integer.parseInt(text);
      if (port > 0 && port <= MAX) {
        return port;
      }
    } catch (NumberFormatException e) {
      // refused below
    }
    throw new IllegalArgumentException("-D" + key + "=" + text + ": write a port, 1 to " + MAX);
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server);
  }

  /**
   * Refuses ports that are in use.
   *
   * @throws IOException where something listens at one of them
   */
  void requireFree() throws IOException {
    Map<String, Integer> all = new LinkedHashMap<>();
    all.put("kafka-port", kafka);
    all.put("redis-port", redis);
    all.put("server-port", server);
    all.put("debug-port", debug);
    for (Map.Entry<String, Integer> port : all.entrySet()) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port.getValue()));
      } catch (IOException e) {
        throw new IOException(
            "Port "
                + port.getValue()
                + " is taken: stop what listens there, or give another, -D"
                + port.getKey()
                + "=",
            e);
      }
    }
  }
}
