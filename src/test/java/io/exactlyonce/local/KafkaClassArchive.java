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
 * The classes of a broker as the JVM maps them into memory (class-data sharing, JEP 350), in a file
 * below {@code target/}: a broker is up in two thirds of the time. It pays where many are started,
 * as by the specs, and costs one start of a broker to make.
 */
final class KafkaClassArchive {
  private static final Duration BOUND = Duration.ofMinutes(1);

  private KafkaClassArchive() {}

  /** A broker's class path: jars alone, since classes of a folder cannot be in an archive. */
  static String classPath() {
    String separator = System.getProperty("path.separator");
    return Arrays.stream(ChildJvm.classPath().split(separator))
        .filter(entry -> !Files.isDirectory(Path.of(entry)))
        .collect(Collectors.joining(separator));
  }

  /** The JVM's options for a broker: none where the archive has not been made. */
  static List<String> options() {
    Path archive = archive();
    return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive) : List.of();
  }

  /** Makes the archive, unless it is there or another JVM is making it just now. */
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

  /** A broker that starts and stops in order writes down which classes it loaded. */
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

  /** Of this JVM and these jars: the JVM would refuse another's, and say so in each log. */
  private static Path archive() {
    int key = (classPath() + System.getProperty("java.vm.version")).hashCode();
    return LocalFiles.target().resolve("cds").resolve("kafka-%08x.jsa".formatted(key));
  }
}
