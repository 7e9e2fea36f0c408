package io.exactlyonce.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts a stream of bytes into the texts of its rows. Holds one row at a time, and of that no more
 * than {@code maxBytes}, whatever the length of the file. Not thread-safe.
 */
final class Frames {

  /** A row's text, or why it has none. */
  sealed interface Frame permits Text, Reading.Bad {}

  /** A row's text without its line ending; {@code line} is where it starts, from 1. */
  record Text(long line, String text) implements Frame {}

  private final InputStream in;
  private final Framing framing;
  private final int maxBytes;
  // A decoder that reports malformed input: new String() would replace it in silence.
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

  private final byte[] chunk = new byte[64 * 1024];
  private int chunkAt;
  private int chunkEnd;
  private byte[] row = new byte[4 * 1024];
  private long newlines;

  /**
   * @param maxBytes the longest row, in bytes without its line ending
   */
  Frames(InputStream in, Framing framing, int maxBytes) {
    this.in = in;
    this.framing = framing;
    this.maxBytes = maxBytes;
  }

  /** The next row; empty at the end of the stream. Reads on after a row that is too long. */
  Optional<Frame> next() throws IOException {
    long line = newlines + 1;
    long length = 0;
    framing.reset();
    for (int b = read(); b >= 0; b = read()) {
      if (b == '\n') {
        newlines++;
      }
      if (framing.endsAt(b)) {
        return Optional.of(frame(line, length));
      }
      store(b, length++);
    }
    return length == 0 ? Optional.empty() : Optional.of(frame(line, length));
  }

  private Frame frame(long line, long length) {
    if (framing.quoted()) {
      return new Reading.Bad(
          line,
          "a quote opened here is not closed by the end of the file",
          "close it, or double it if it belongs to the value (\"\"), or give --no-quotes");
    }
    int end = (int) Math.min(length, maxBytes + 1L);
    if (end > 0 && length == end && row[end - 1] == '\r') {
      end--;
    }
    if (end > maxBytes) {
      return new Reading.Bad(
          line,
          "longer than " + maxBytes + " bytes" + extent(line),
          "raise --max-line (and the topic's max.message.bytes) if it is meant to be that long");
    }
    try {
      return new Text(line, utf8.decode(ByteBuffer.wrap(row, 0, end)).toString());
    } catch (CharacterCodingException malformed) {
      return new Reading.Bad(
          line, "not valid UTF-8", "convert the file first, say: iconv -f latin1 -t utf-8");
    }
  }

  /**
   * Rows over several lines are most often too long because of a stray quote: say how far it went.
   */
  private String extent(long line) {
    return newlines > line ? " (it runs to line " + newlines + ": is a quote left open?)" : "";
  }

  private void store(int b, long at) {
    // One byte more than allowed is kept, for it may be the \r of the line ending.
    if (at > maxBytes) {
      return;
    }
    if (at == row.length) {
      row = Arrays.copyOf(row, (int) Math.min(row.length * 2L, maxBytes + 1L));
    }
    row[(int) at] = (byte) b;
  }

  private int read() throws IOException {
    if (chunkAt == chunkEnd) {
      chunkEnd = in.read(chunk);
      chunkAt = 0;
      if (chunkEnd <= 0) {
        chunkEnd = 0;
        return -1;
      }
    }
    return chunk[chunkAt++] & 0xff;
  }
}
