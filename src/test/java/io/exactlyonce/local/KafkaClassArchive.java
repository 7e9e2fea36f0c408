package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Archive of a broker's classes that the JVM maps into memory (class-data sharing, JEP 350), in a
 * file below {@code target/}. With it a broker starts in two thirds of the time. To make it takes
 * one start of a broker, so it pays where many are started, as by the specs.
 */
final class KafkaClassArchive {
  private static final Duration BOUND = Duration.ofMinutes(1);

  private KafkaClassArchive() {}

  /** The class path of a broker: jars only, since an archive cannot have classes of a folder. */
  static String classPath() {
    String separator = System.getProperty("path.separator");
    return Arrays.stream(ChildJvm.classPath().split(separator))
        .filter(entry -> !Files.isDirectory(Path.of(entry)))
        .collect(Collectors.joining(separator));
  }

  /** The JVM options of a broker that use the archive; none where it has not been made. */
  static List<String> options() {
    Path archive = archive();
    return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive) : List.of();
  }

  /** Makes the archive, unless it exists or another JVM is making it. */
  static void prepare() {
    Path archive = archive();
    if (Files.exists(archive)) {
      return;
    }
    Path lock = LocalFiles.directory(archive.getParent()).resolve("lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      if (held != null && !Files.exists(archive)) {
        make(archive);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + archive, e);
    }
  }

  /** Runs a broker once: at its orderly end the JVM writes the classes that it has loaded. */
  private static void make(Path archive) throws IOException {
    Path unfinished = archive.resolveSibling("unfinished.jsa");
    Files.deleteIfExists(unfinished);
    List<String> options = new ArrayList<>(LocalKafka.FAST_START);
    options.add("-XX:ArchiveClassesAtExit=" + unfinished);
    LocalKafka kafka = LocalKafka.cluster(LocalFiles.freshDirectory("cds"), 1, Map.of(), options);
    kafka.node(0).terminate(BOUND);
    if (Files.exists(unfinished)) {
      Files.move(unfinished, archive, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /**
   * The file for this JVM and these jars. A JVM refuses the archive of others, with a line in each
   * log.
   */
  private static Path archive() {
    int key = (classPath() + System.getProperty("java.vm.version")).hashCode();
    return LocalFiles.target().resolve("cds").resolve("kafka-%08x.jsa".formatted(key));
  }
}
