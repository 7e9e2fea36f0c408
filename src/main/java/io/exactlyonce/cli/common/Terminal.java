package io.exactlyonce.cli.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Detects whether standard error is a terminal. */
public final class Terminal {
  private static final Path STDERR = Path.of("/proc/self/fd/2");

  private Terminal() {}

  /**
   * True where standard error is a terminal. Exact on Linux; elsewhere it is taken for one where
   * the JVM has a console, by standard input and output.
   */
  @SuppressWarnings("SystemConsoleNull") // JDK 22 to 24 alone have a console without a terminal
  public static boolean onStandardError() {
    if (!Files.isSymbolicLink(STDERR)) {
      return System.console() != null;
    }
    try {
      String target = Files.readSymbolicLink(STDERR).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException unknown) {
      return false;
    }
  }
}
