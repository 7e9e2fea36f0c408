package io.exactlyonce.cli.load;

import io.exactlyonce.cli.common.CommandFailure;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Character encoding of a file: as its byte order mark or the user says, else UTF-8. */
final class Encoding {
  /**
   * Replaces bytes that cannot be decoded: half a surrogate pair, which no decoder makes of valid
   * input.
   */
  private static final String MALFORMED = "\uDC80";

  private static final int LONGEST_MARK = 4;

  private record Mark(String charset, int... bytes) {
    boolean begins(byte[] text) {
      for (int i = 0; i < bytes.length; i++) {
        if (i >= text.length || (text[i] & 0xff) != bytes[i]) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * The byte order marks. That of UTF-16LE is a prefix of that of UTF-32LE, which therefore is
   * tried first.
   */
  private static final List<Mark> MARKS =
      List.of(
          new Mark("UTF-8", 0xef, 0xbb, 0xbf),
          new Mark("UTF-32LE", 0xff, 0xfe, 0, 0),
          new Mark("UTF-32BE", 0, 0, 0xfe, 0xff),
          new Mark("UTF-16LE", 0xff, 0xfe),
          new Mark("UTF-16BE", 0xfe, 0xff));

  private Encoding() {}

  /**
   * Decodes the bytes, without their byte order mark.
   *
   * @param named encoding that the user names
   * @throws CommandFailure where the mark says something else, or where the bytes look like UTF-16
   *     or UTF-32 and neither user nor mark says so
   */
  static TextLines text(PushbackInputStream bytes, Optional<Charset> named)
      throws IOException, CommandFailure {
    byte[] first = bytes.readNBytes(LONGEST_MARK);
    Optional<Mark> mark = MARKS.stream().filter(each -> each.begins(first)).findFirst();
    int skip = mark.map(each -> each.bytes().length).orElse(0);
    bytes.unread(first, skip, first.length - skip);
    if (mark.isPresent() && named.isPresent() && !agree(mark.get(), named.get())) {
      throw new CommandFailure(
          "--encoding "
              + named.get()
              + ", but the file begins with the byte order mark of "
              + mark.get().charset()
              + "; leave the option out");
    }
    if (mark.isEmpty()) {
      refuseGuess(wide(first), named);
    }
    Charset charset =
        mark.map(each -> Charset.forName(each.charset()))
            .orElse(named.orElse(StandardCharsets.UTF_8));
    return new TextLines(reader(bytes, charset), charset.name());
  }

  /**
   * A reader that decodes to {@link #MALFORMED} what is invalid, and not to U+FFFD, which may be in
   * the text.
   */
  private static Reader reader(PushbackInputStream bytes, Charset charset) {
    CharsetDecoder decoder =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE)
            .replaceWith(MALFORMED);
    return new InputStreamReader(bytes, decoder);
  }

  private static boolean agree(Mark mark, Charset named) {
    return mark.charset().startsWith(named.name().toUpperCase(Locale.ROOT));
  }

  private static void refuseGuess(String looksLike, Optional<Charset> named) throws CommandFailure {
    String said = named.map(Charset::name).orElse("UTF-8");
    boolean undecided = said.equals("UTF-16") || said.equals("UTF-32");
    if (undecided && looksLike.isEmpty()) {
      throw new CommandFailure(
          "--encoding " + said + ", but there is no byte order mark; add LE or BE to the name");
    }
    if (!looksLike.isEmpty() && !looksLike.equals(said)) {
      throw new CommandFailure(
          "line 1: the text is not "
              + said
              + " and has no byte order mark; it looks like "
              + looksLike
              + ": say so with --encoding "
              + looksLike);
    }
  }

  /**
   * The encoding that the first bytes look like, as ASCII in UTF-16 has every other byte zero, and
   * in UTF-32 three of four; empty if none.
   */
  private static String wide(byte[] first) {
    StringBuilder zeros = new StringBuilder();
    for (byte each : first) {
      zeros.append(each == 0 ? '0' : 'x');
    }
    return switch (zeros.toString()) {
      case "x000" -> "UTF-32LE";
      case "000x" -> "UTF-32BE";
      case "x0x0", "x0" -> "UTF-16LE";
      case "0x0x", "0x" -> "UTF-16BE";
      default -> "";
    };
  }
}
