package io.exactlyonce.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Reads from a contestant's log when it had its first record. */
final class Clockwork {
  static final String FIRST = "bench-first-record ";

  private Clockwork() {}

  /** Milliseconds since the epoch; empty while it had none. */
  static OptionalLong first(Path log) {
    try {
      return Files.readAllLines(log).stream()
          .filter(line -> line.startsWith(FIRST))
          .mapToLong(line -> Long.parseLong(line.substring(FIRST.length()).trim()))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
