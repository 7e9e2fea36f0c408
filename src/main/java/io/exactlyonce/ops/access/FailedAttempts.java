package io.exactlyonce.ops.access;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Counts wrong tokens by the address that they came from. Ten within a minute shut the address out
 * until a minute has passed since the first of them, even with a right token: guessing could go on
 * otherwise. A wrong token that is sent again is counted once, since it guesses nothing: pages that
 * are open while the tokens change send the old ones on, and would shut their operators out.
 *
 * <p>At most 1,000 addresses are remembered; the one that failed longest ago is forgotten first.
 * IPv6 addresses are counted by their 64-bit network, which one client has to itself. Any thread
 * may call it.
 */
final class FailedAttempts {
  static final int MAX_FAILURES = 10;
  static final Duration WINDOW = Duration.ofMinutes(1);

  private static final int MAX_ADDRESSES = 1_000;
  private static final int NETWORK_BYTES = 8;

  /**
   * @param tokens digests of the wrong tokens, ten at the most
   */
  private record Failures(long since, Set<String> tokens) {}

  private final Map<String, Failures> failures = new LinkedHashMap<>();

  /**
   * Whether tokens from this address are refused without being compared.
   *
   * @param now in {@link System#nanoTime}'s time
   */
  synchronized boolean isShutOut(InetAddress address, long now) {
    Failures known = failures.get(network(address));
    return known != null && known.tokens.size() >= MAX_FAILURES && !isOver(known, now);
  }

  /**
   * Counts a wrong token from this address, unless it was counted already.
   *
   * @param token as it was sent; its digest alone is kept
   */
  synchronized void add(InetAddress address, String token, long now) {
    String network = network(address);
    Failures known = failures.remove(network);
    Failures counted =
        known == null || isOver(known, now) ? new Failures(now, new HashSet<>()) : known;
    if (counted.tokens.size() < MAX_FAILURES) {
      counted.tokens.add(HexFormat.of().formatHex(BearerTokens.digest(token)));
    }
    failures.put(network, counted);
    if (failures.size() > MAX_ADDRESSES) {
      failures.remove(failures.keySet().iterator().next());
    }
  }

  synchronized int size() {
    return failures.size();
  }

  private static boolean isOver(Failures known, long now) {
    return now - known.since > WINDOW.toNanos();
  }

  private static String network(InetAddress address) {
    byte[] bytes = address.getAddress();
    return HexFormat.of()
        .formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, NETWORK_BYTES) : bytes);
  }
}
