package io.exactlyonce.guard.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Names of the guard's keys in Redis. All keys of a group share one hash tag, so that a script may
 * touch them together.
 *
 * <p>Claims live in hashes, one per slice of half a window: {@code
 * {eo:<group>}:v2:claims:<generation>:<slice>}. A claim made in slice s is found while the current
 * slice is s, s+1 or s+2, which is at least one window; a slice expires as a whole.
 *
 * @param group the consumer group, so that two pipelines do not see each other's claims
 * @param window how long a duplicate is recognised at least
 */
public record GuardKeys(String group, Duration window) {
  /** Version of the layout. Claims of another one are not read but rebuilt, under other names. */
  private static final String LAYOUT = ":v2:";

  /**
   * Hash with the fields {@code generation}, {@code server} (that the generation was made on),
   * {@code slice} (the highest ever current), {@code older} (which of the two before it are there;
   * 1: the last, 2: the one before that, 3: both), {@code length} (of a slice, in ms) and {@code
   * missing} (claims that the rebuild did not find).
   */
  public byte[] state() {
    return bytes(prefix() + LAYOUT + "state");
  }

  /** Key of the lock of a rebuild: see {@link GuardLock}. */
  public byte[] lock() {
    return bytes(prefix() + ":rebuild-lock");
  }

  /** A slice's key is this followed by its generation, a colon and its number. */
  public byte[] slicePrefix() {
    return bytes(prefix() + LAYOUT + "claims:");
  }

  byte[] slice(String generation, long number) {
    return bytes(prefix() + LAYOUT + "claims:" + generation + ":" + number);
  }

  /** Key of an effect's result. The name comes first: it has no colon, an event id may have one. */
  byte[] effect(String name, String eventId) {
    return bytes(prefix() + ":effect:" + name + ":" + eventId);
  }

  /** Time after which no look-up asks for a slice any more, whenever in the slice it was set. */
  long expiryMillis() {
    return sliceMillis() * 4;
  }

  /** Length of a slice, in ms: half of the window. */
  public long sliceMillis() {
    return Math.max(1, window.toMillis() / 2);
  }

  private String prefix() {
    return "{eo:" + group + "}";
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
