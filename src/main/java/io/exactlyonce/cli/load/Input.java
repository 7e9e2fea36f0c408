package io.exactlyonce.cli.load;

import io.exactlyonce.cli.common.CommandFailure;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/** The file or standard input that is loaded: its text, unpacked and decoded. */
final class Input implements Closeable {
  /** Size and time of a file, to detect changes. */
  private record Version(long size, FileTime modified) {
    static Version of(Path file) throws IOException {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Version(now.size(), now.lastModifiedTime());
    }
  }

  private final String name;
  // Empty for standard input, pipes and devices, which have no size.
  private final Optional<Path> file;
  private final Optional<Version> opened;
  private final Counted counted;
  private final TextLines text;

  private Input(
      String name, Optional<Path> file, Optional<Version> opened, Counted counted, TextLines text) {
    this.name = name;
    this.file = file;
    this.opened = opened;
    this.counted = counted;
    this.text = text;
  }

  /**
   * Opens a file; one that is packed by gzip is unpacked.
   *
   * @param file path, or {@code -} for standard input
   * @param encoding that the user names; empty: as the byte order mark says, else UTF-8
   * @throws CommandFailure if there is no such file, it cannot be read, or it is no text
   */
  static Input open(String file, InputStream stdin, Optional<Charset> encoding)
      throws CommandFailure {
    try {
      if (file.equals("-")) {
        return of("stdin", Optional.empty(), stdin, encoding);
      }
      Path path = path(file);
      if (!Files.exists(path) || Files.isDirectory(path)) {
        throw new CommandFailure(
            path.toAbsolutePath()
                + (Files.isDirectory(path) ? " is a directory" : " does not exist")
                + "; name a file, or - for standard input");
      }
      Optional<Path> measured = Optional.of(path).filter(Files::isRegularFile);
      String name = path.getFileName().toString();
      return of(name, measured, Files.newInputStream(path), encoding);
    } catch (IOException unreadable) {
      throw new CommandFailure(file + " cannot be read: " + unreadable);
    }
  }

  private static Path path(String file) throws CommandFailure {
    try {
      return Path.of(file);
    } catch (InvalidPathException unsayable) {
      throw new CommandFailure(
          "the file's name cannot be said in this locale ("
              + unsayable.getReason()
              + "); set LC_ALL=C.UTF-8, or give the file to standard input: load - < FILE");
    }
  }

  private static Input of(
      String name, Optional<Path> file, InputStream in, Optional<Charset> encoding)
      throws IOException, CommandFailure {
    try {
      Optional<Version> opened =
          file.isPresent() ? Optional.of(Version.of(file.get())) : Optional.empty();
      Counted counted = new Counted(in);
      PushbackInputStream bytes = Packing.unpacked(counted, name);
      return new Input(name, file, opened, counted, Encoding.text(bytes, encoding));
    } catch (IOException | CommandFailure unusable) {
      in.close();
      throw unusable;
    }
  }

  /** The file's name without its folder; {@code stdin} for standard input. */
  String name() {
    return name;
  }

  TextLines text() {
    return text;
  }

  /**
   * Share of the file that was read, from 0 to 1; -1 where the size is not known. Any thread may
   * call it.
   */
  double progress() {
    if (opened.isEmpty()) {
      return -1;
    }
    return opened.get().size() == 0 ? 1 : (double) counted.count / opened.get().size();
  }

  /**
   * Checks that the file was not written to since it was opened: what was read would then be parts
   * of two versions.
   *
   * @throws IOException where it has changed
   */
  void checkUnchanged() throws IOException {
    if (file.isEmpty()) {
      return;
    }
    Version now = Version.of(file.get());
    if (!now.equals(opened.get()) || counted.count != now.size()) {
      throw new IOException(
          "it was changed while it was read: "
              + opened.get().size()
              + " bytes when it was opened, "
              + counted.count
              + " read, "
              + now.size()
              + " now");
    }
  }

  @Override
  public void close() throws IOException {
    counted.close();
  }

  /** Counts the bytes of the file as it is packed, so that packed files have a percentage too. */
  private static final class Counted extends FilterInputStream {
    // Written by the thread that reads the file, and read by the one that draws the progress.
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

    /** Adds without an atomic update: one thread writes the count. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void add(int read) {
      count = count + read;
    }
  }
}
