package io.exactlyonce.engine.handling;

import io.exactlyonce.handler.Effects;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Encoding of an effect's result in the store: one byte for its type, then its text in UTF-8. */
final class EffectResult {
  private static final byte TEXT = 'T';
  private static final byte NULL = 'N';

  /**
   * The call was made, and its result is too large to be kept: a rerun must not call again. The
   * text is its size in bytes.
   */
  private static final byte TOO_LARGE = 'L';

  private EffectResult() {}

  static byte[] encode(@Nullable String result) {
    if (result == null) {
      return new byte[] {NULL};
    }
    byte[] text = result.getBytes(StandardCharsets.UTF_8);
    return text.length > Effects.MAX_RESULT_BYTES
        ? tagged(TOO_LARGE, Integer.toString(text.length).getBytes(StandardCharsets.UTF_8))
        : tagged(TEXT, text);
  }

  /**
   * @throws IllegalStateException where the result was too large to be kept, or is of an unknown
   *     type
   */
  static @Nullable String decode(String name, byte[] recorded) {
    String text = new String(recorded, 1, recorded.length - 1, StandardCharsets.UTF_8);
    return switch (recorded[0]) {
      case NULL -> null;
      case TEXT -> text;
      case TOO_LARGE ->
          throw new IllegalStateException(
              "the call of effect "
                  + name
                  + " was made, but its result is "
                  + text
                  + " bytes, more than "
                  + Effects.MAX_RESULT_BYTES
                  + "; return what you need of it");
      default ->
          throw new IllegalStateException(
              "the result of effect "
                  + name
                  + " was stored by a later version of this program; upgrade this instance");
    };
  }

  private static byte[] tagged(byte tag, byte[] text) {
    byte[] all = Arrays.copyOf(new byte[] {tag}, text.length + 1);
    System.arraycopy(text, 0, all, 1, text.length);
    return all;
  }
}
