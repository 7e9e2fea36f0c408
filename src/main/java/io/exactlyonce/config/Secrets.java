package io.exactlyonce.config;

import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Secret values of the configuration, and their removal from messages. */
public final class Secrets {
  /** Text that replaces a secret in a message. */
  public static final String HIDDEN = "***";

  private static final Pattern KEYS =
      Pattern.compile(
          "password|secret|webhook|jaas|token|credential|keystore[.-]key|certificate[.-]chain"
              + "|truststore[.-]certificates|basic[.-]auth|(^|[.-])uris?($|\\[)",
          Pattern.CASE_INSENSITIVE);

  /** Values of a login module's options; its class and the options' names are no secrets. */
  private static final Pattern JAAS_VALUE = Pattern.compile("=\\s*(\"[^\"]*\"?|'[^']*'?|[^\\s;]+)");

  /**
   * User and password of an address, up to the last {@code @}: a password that was not encoded may
   * hold one.
   */
  private static final Pattern USER_INFO = Pattern.compile("://(.*)@", Pattern.DOTALL);

  private static final int SHORTEST = 3;

  // The longest first, so that a secret that contains another one is hidden whole.
  private final Set<String> values =
      new TreeSet<>(Comparator.comparingInt(String::length).reversed().thenComparing(s -> s));

  /**
   * @param settings keys and values, secret or not
   */
  public Secrets(Map<String, ?> settings) {
    settings.forEach((key, value) -> take(key, String.valueOf(value)));
  }

  private void take(String key, String value) {
    if (!isSecret(key)) {
      return;
    }
    add(value);
    value.lines().forEach(this::add);
    Matcher jaas = JAAS_VALUE.matcher(value);
    while (jaas.find()) {
      add(jaas.group(1).replaceAll("^[\"']|[\"']$", ""));
    }
    Matcher user = USER_INFO.matcher(value);
    if (user.find()) {
      add(user.group(1));
      add(user.group(1).substring(user.group(1).indexOf(':') + 1));
    }
  }

  private void add(String value) {
    String text = value.strip();
    if (text.length() >= SHORTEST) {
      values.add(text);
    }
  }

  /** Whether the value of this key may be a secret. */
  public static boolean isSecret(String key) {
    return KEYS.matcher(key).find();
  }

  /** The text with each secret replaced by {@link #HIDDEN}. */
  public String hide(String text) {
    String safe = text;
    for (String value : values) {
      safe = safe.replace(value, HIDDEN);
    }
    return safe;
  }
}
