package io.exactlyonce.cli;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;

/** The file that is loaded, or standard input: its bytes, unpacked, without byte order mark. */
final class Input implements Closeable {
  private static final int BUFFER = 64 * 1024;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final String name;
  private final OptionalLong size;
  private final Counted counted;
  // Not a BufferedInputStream: that drops what it has read of a packed file at the place of a cut.
  private final PushbackInputStream bytes;

  private Input(String name, OptionalLong size, Counted counted, InputStream bytes)
      throws IOException {
    this.name = name;
    this.size = size;
    this.counted = counted;
    this.bytes = new PushbackInputStream(bytes, BUFFER);
    skipByteOrderMark();
  }

  /**
   * Opens a file, unpacking one whose name ends in {@code .gz}; {@code -} is standard input.
   *
   * @throws LoadFailure if there is no such file or it cannot be read
   */
  static Input open(String file, InputStream stdin) throws LoadFailure {
    try {
      if (file.equals("-")) {
        Counted counted = new Counted(stdin);
        return new Input("stdin", OptionalLong.empty(), counted, counted);
      }
      Path path = Path.of(file);
      if (!Files.exists(path) || Files.isDirectory(path)) {
        throw new LoadFailure(
            path.toAbsolutePath()
                + (Files.isDirectory(path) ? " is a directory" : " does not exist")
                + "; name a file, or - for standard input");
      }
      OptionalLong size =
          Files.isRegularFile(path) ? OptionalLong.of(Files.size(path)) : OptionalLong.empty();
      Counted counted = new Counted(Files.newInputStream(path));
      return new Input(path.getFileName().toString(), size, counted, unpacked(file, counted));
    } catch (IOException unreadable) {
      throw new LoadFailure(file + " cannot be read: " + unreadable);
    }
  }

  /** The file's name without its folder; {@code stdin} for standard input. */
  String name() {
    return name;
  }

  InputStream bytes() {
    return bytes;
  }

  /**
   * The share that has been read, 0 to 1; below 0 where the size is unknown. May be asked by any
   * thread.
   */
  double progress() {
    if (size.isEmpty()) {
      return -1;
    }
    return size.getAsLong() == 0 ? 1 : (double) counted.count / size.getAsLong();
  }

  /** The first byte that is not white space, left unread; -1 if there is none in sight. */
  int peek() throws IOException {
    byte[] seen = new byte[BUFFER];
    int length = 0;
    int b;
    do {
      b = bytes.read();
      if (b >= 0) {
        seen[length++] = (byte) b;
      }
    } while (Character.isWhitespace(b) && length < BUFFER);
    bytes.unread(seen, 0, length);
    return b;
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }

  private void skipByteOrderMark() throws IOException {
    byte[] first = bytes.readNBytes(BYTE_ORDER_MARK.length);
    if (!Arrays.equals(first, BYTE_ORDER_MARK)) {
      bytes.unread(first);
    }
  }

  private static InputStream unpacked(String file, InputStream packed) throws IOException {
    return file.endsWith(".gz") ? new GZIPInputStream(packed, BUFFER) : packed;
  }

  /** Counts the bytes that come off the disk, so packed files have a percentage as well. */
  private static final class Counted extends FilterInputStream {
    // Written by the thread that reads the file alone, and read by the one that shows progress.
    private volatile long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      add(b < 0 ? 0 : 1);
      return b;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      add(Math.max(0, read));
      return read;
    }

    private void add(int read) {
      count = count + read;
    }
  }
}
