package io.exactlyonce.wiring.serde;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** Address of the schema registry, by a (de)serializer's settings. */
public final class RegistryAddress {
  /** Apicurio's {@code apicurio.registry.url}, Confluent's {@code schema.registry.url}. */
  private static final String KEY_ENDS_WITH = "registry.url";

  private RegistryAddress() {}

  /**
   * Text for messages: the registry with its address, without a password; without an address, a
   * text with the name of the setting.
   *
   * @param serde name of the setting that names the (de)serializer
   */
  public static String of(String serde, Map<String, Object> settings) {
    return settings.entrySet().stream()
        .filter(setting -> setting.getKey().endsWith(KEY_ENDS_WITH))
        .filter(setting -> setting.getValue() != null)
        .map(setting -> "the schema registry at " + open(String.valueOf(setting.getValue())))
        .sorted()
        .findFirst()
        .orElse("the service that " + serde + " calls");
  }

  /** The addresses, separated by commas, without user, password and query. */
  private static String open(String addresses) {
    return Arrays.stream(addresses.split(","))
        .map(address -> address.trim().replaceFirst("://[^/]*@", "://").replaceFirst("\\?.*", ""))
        .collect(Collectors.joining(", "));
  }
}
