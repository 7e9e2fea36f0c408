package io.exactlyonce.ops.access;

import io.exactlyonce.config.ConfigurationException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens of an environment variable, each with the name of its owner: {@code
 * ann:TOKEN,ben:TOKEN}. A token without a name gets a common one.
 */
final class BearerTokens {
  private static final String SCHEME = "Bearer ";

  /**
   * Shortest token, in characters: a random one is not found in a thousand years at a guess a
   * millisecond.
   */
  private static final int MIN_LENGTH = 16;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,40}");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]+");

  private record Entry(String name, byte[] digest) {}

  private final String variable;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * @param variable name of the variable, for messages
   * @param nameless name of a token that is given without one
   * @param tokens null or blank: there are none
   * @throws ConfigurationException where a name or a token is invalid; the message does not show
   *     the token
   */
  BearerTokens(String variable, String nameless, @Nullable String tokens) {
    this.variable = variable;
    if (tokens == null || tokens.isBlank()) {
      return;
    }
    for (String entry : tokens.split(",", -1)) {
      int colon = entry.indexOf(':');
      String name = colon < 0 ? nameless : entry.substring(0, colon).trim();
      String token = entry.substring(colon + 1).trim();
      refuse(!NAME.matcher(name).matches(), "a name in it is no word of letters, digits and . _ -");
      refuse(
          !TOKEN.matcher(token).matches(),
          "the token of " + name + " is empty, or has a character that no bearer token has");
      refuse(
          token.length() < MIN_LENGTH,
          "the token of " + name + " has less than " + MIN_LENGTH + " characters");
      refuse(entries.stream().anyMatch(e -> e.name.equals(name)), name + " is in it twice");
      entries.add(new Entry(name, digest(token)));
    }
  }

  private void refuse(boolean wrong, String why) {
    if (wrong) {
      throw new ConfigurationException(
          variable,
          "(not shown)",
          why + "; set one token such as `openssl rand -hex 24` makes, or name:token,name:token");
    }
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /**
   * Name of the owner of the token in this {@code Authorization} header; empty where it has none of
   * these. Every token is compared, by the whole of its digest, so the time taken does not reveal
   * how much of a guess was right.
   */
  Optional<String> nameOf(@Nullable String authorization) {
    if (authorization == null || !isBearer(authorization)) {
      return Optional.empty();
    }
    byte[] sent = digest(authorization.substring(SCHEME.length()).trim());
    String found = null;
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(entry.digest, sent)) {
        found = entry.name;
      }
    }
    return Optional.ofNullable(found);
  }

  /** Whether the header has a bearer token; other schemes are a proxy's business. */
  static boolean isBearer(@Nullable String authorization) {
    return authorization != null
        && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }

  static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
