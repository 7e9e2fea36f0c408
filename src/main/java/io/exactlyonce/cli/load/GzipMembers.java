package io.exactlyonce.cli.load;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unpacks a gzip file (RFC 1952) of one or more members, to its true end. {@link
 * java.util.zip.GZIPInputStream} takes whatever follows a member and is no header for the end of
 * the file: damage between two members, and all that follows it, would be dropped silently. Here
 * only zeros may follow, which tapes and some tools pad with. Not thread-safe.
 */
final class GzipMembers extends InputStream {
  private static final int BUFFER = 64 * 1024;
  private static final int CRC = 1 << 1;
  private static final int EXTRA = 1 << 2;
  private static final int NAME = 1 << 3;
  private static final int COMMENT = 1 << 4;
  private static final int RESERVED = 0xe0;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] packed = new byte[BUFFER];
  private int at;
  private int end;
  private long consumed;
  private int member;
  private boolean within;
  private boolean ended;

  GzipMembers(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended && (within || beginMember())) {
      int unpacked = inflate(into, offset, length);
      if (unpacked > 0) {
        crc.update(into, offset, unpacked);
        return unpacked;
      }
      if (inflater.finished()) {
        endMember();
      }
    }
    return -1;
  }

  /**
   * Always 0, so that a decoder returns what it has before it reads on: it would lose that if the
   * next read failed, as where the file is cut.
   */
  @Override
  public int available() {
    return 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }

  private int inflate(byte[] into, int offset, int length) throws IOException {
    try {
      if (inflater.needsInput() && !inflater.finished()) {
        if (at == end && !fill()) {
          throw new EOFException(place() + " is cut short");
        }
        inflater.setInput(packed, at, end - at);
        at = end;
      }
      int unpacked = inflater.inflate(into, offset, length);
      if (inflater.needsDictionary()) {
        throw damaged("wants a dictionary");
      }
      return unpacked;
    } catch (DataFormatException e) {
      throw damaged(e.getMessage() == null ? "is no packed data" : e.getMessage());
    }
  }

  /** Reads the header of a member; false at the end of the file, padding included. */
  private boolean beginMember() throws IOException {
    if (!more()) {
      ended = true;
      return false;
    }
    member++;
    crc.reset();
    int first = next();
    if (member > 1 && first == 0) {
      skipPadding();
      return false;
    }
    if (first != 0x1f || next() != 0x8b || next() != 8) {
      throw damaged("has no gzip header: what stands there is damaged or does not belong there");
    }
    int flags = next();
    if ((flags & RESERVED) != 0) {
      throw damaged("has a header with unknown flags");
    }
    passOver(6);
    if ((flags & EXTRA) != 0) {
      passOver(number(2));
    }
    skipText(flags & NAME);
    skipText(flags & COMMENT);
    if ((flags & CRC) != 0) {
      long expected = crc.getValue() & 0xffff;
      if (number(2) != expected) {
        throw damaged("has a header whose check sum differs");
      }
    }
    crc.reset();
    inflater.reset();
    within = true;
    return true;
  }

  private void skipPadding() throws IOException {
    while (more()) {
      if (next() != 0) {
        throw damaged("has no gzip header: zeros, and then something else");
      }
    }
    ended = true;
  }

  private void endMember() throws IOException {
    at = end - inflater.getRemaining();
    long expectedCrc = crc.getValue();
    long expectedSize = inflater.getBytesWritten() & 0xffffffffL;
    if (number(4) != expectedCrc || number(4) != expectedSize) {
      throw damaged("has another check sum or size than was written behind it");
    }
    within = false;
  }

  private void skipText(int flag) throws IOException {
    int read = flag;
    while (read != 0) {
      read = next();
    }
  }

  private void passOver(long bytes) throws IOException {
    for (long i = 0; i < bytes; i++) {
      next();
    }
  }

  /** Reads a little-endian number. */
  private long number(int bytes) throws IOException {
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number |= (long) next() << (8 * i);
    }
    return number;
  }

  private int next() throws IOException {
    if (!more()) {
      throw new EOFException(place() + " is cut short");
    }
    crc.update(packed[at]);
    return packed[at++] & 0xff;
  }

  private boolean more() throws IOException {
    return at < end || fill();
  }

  private boolean fill() throws IOException {
    consumed += end;
    at = 0;
    end = 0;
    int read = in.read(packed);
    end = Math.max(0, read);
    return read > 0;
  }

  private IOException damaged(String what) {
    return new IOException(place() + " " + what);
  }

  private String place() {
    return "gzip member " + member + " (packed bytes " + consumed + " to " + (consumed + end) + ")";
  }
}
