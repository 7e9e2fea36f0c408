package io.exactlyonce.config;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Utils;

/** Parser of Kafka's {@code bootstrap.servers}: {@code HOST:PORT,HOST:PORT}. */
public final class BootstrapServers {
  /** One address. An IPv6 host is without its brackets, which {@link #toString} puts back. */
  public record Address(String host, int port) {
    @Override
    public String toString() {
      return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
  }

  private static final int LAST_PORT = 65_535;

  private BootstrapServers() {}

  /**
   * Parses a list of addresses; white space around each is ignored.
   *
   * @param key the setting's key, for the message
   * @throws ConfigurationException where an entry is empty, or is not {@code HOST:PORT} with a port
   *     from 1 to 65535
   */
  public static List<Address> parse(String key, String value) {
    List<Address> addresses = new ArrayList<>();
    for (String each : value.split(",", -1)) {
      String text = each.strip();
      refuse(
          text.isEmpty(),
          key,
          value,
          "it is empty, begins or ends with a comma, or has two commas in a row");
      String host = Utils.getHost(text);
      refuse(host == null || text.contains("://"), key, value, "'" + text + "' is no HOST:PORT");
      int port = Utils.getPort(text) == null ? 0 : Utils.getPort(text);
      refuse(
          port < 1 || port > LAST_PORT, key, value, "'" + text + "' has no port from 1 to 65535");
      addresses.add(new Address(host, port));
    }
    return addresses;
  }

  private static void refuse(boolean wrong, String key, String value, String what) {
    if (wrong) {
      throw new ConfigurationException(
          key, value.strip(), what + "; write HOST:PORT, several with a comma between two");
    }
  }
}
