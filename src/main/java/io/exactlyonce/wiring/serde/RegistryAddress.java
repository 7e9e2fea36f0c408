package io.exactlyonce.wiring.serde;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** Where a (de)serializer's settings say that its schema registry is. */
public final class RegistryAddress {
  /** Apicurio's {@code apicurio.registry.url}, Confluent's {@code schema.registry.url}. */
  private static final String KEY_ENDS_WITH = "registry.url";

  private RegistryAddress() {}

  /** The registry with its address, without a password; else the (de)serializer's own name. */
  public static String of(String serde, Map<String, Object> settings) {
    return settings.entrySet().stream()
        .filter(setting -> setting.getKey().endsWith(KEY_ENDS_WITH))
        .filter(setting -> setting.getValue() != null)
        .map(setting -> "the schema registry at " + open(String.valueOf(setting.getValue())))
        .sorted()
        .findFirst()
        .orElse("what " + serde + " asks");
  }

  /** Several addresses stand with commas between them. */
  private static String open(String addresses) {
    return Arrays.stream(addresses.split(","))
        .map(address -> address.trim().replaceFirst("://[^/]*@", "://").replaceFirst("\\?.*", ""))
        .collect(Collectors.joining(", "));
  }
}
