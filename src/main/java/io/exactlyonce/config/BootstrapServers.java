package io.exactlyonce.config;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Utils;

/** The addresses at which a cluster is reached first: {@code HOST:PORT,HOST:PORT}. */
public final class BootstrapServers {
  /** One of them. */
  public record Address(String host, int port) {
    @Override
    public String toString() {
      return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
  }

  private static final int LAST_PORT = 65_535;

  private BootstrapServers() {}

  /**
   * @param key where the value stands, for the message
   * @throws ConfigurationException where one is no address
   */
  public static List<Address> parse(String key, String value) {
    List<Address> addresses = new ArrayList<>();
    for (String each : value.split(",", -1)) {
      String text = each.strip();
      refuse(text.isEmpty(), key, value, "there is nothing between, before or behind a comma");
      String host = Utils.getHost(text);
      refuse(host == null || text.contains("://"), key, value, "'" + text + "' is no HOST:PORT");
      int port = Utils.getPort(text) == null ? 0 : Utils.getPort(text);
      refuse(port < 1 || port > LAST_PORT, key, value, "'" + text + "' has no port up to 65535");
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
