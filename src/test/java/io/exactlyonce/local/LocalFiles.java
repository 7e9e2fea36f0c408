package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files of the local servers: their data, and their logs for messages. */
final class LocalFiles {
  private static final int TAIL = 40;

  private LocalFiles() {}

  /** Maven's directory for all that a build makes. */
  static Path target() {
    return Path.of("target").toAbsolutePath();
  }

  /** A new directory below {@code target/}, which {@code mvn clean} removes. */
  static Path freshDirectory(String name) {
    try {
      Path parent = Files.createDirectories(target().resolve("local"));
      return Files.createTempDirectory(parent, name + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path directory(Path dir) {
    try {
      return Files.createDirectories(dir.toAbsolutePath().normalize());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void write(Path file, List<String> lines) {
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String tail(Path file) {
    List<String> lines = lines(file);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
  }
}
