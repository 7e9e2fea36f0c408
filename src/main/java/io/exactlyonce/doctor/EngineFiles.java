package io.exactlyonce.doctor;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Checksums of the engine's files, as they were released and as this application has them. The
 * build copies the files beside the release's list, so both are in the class path, in a jar too.
 *
 * @param version of the release
 * @param released SHA-256 sums by path below the project's folder, as {@code sha256sum} lists them
 * @param built the same of the files of which this application was built
 */
record EngineFiles(String version, Map<String, String> released, Map<String, String> built) {
  private static final String LIST = "META-INF/exactly-once/engine.sums";
  private static final String COPIES = "META-INF/exactly-once/engine";
  private static final String JAVA = "src/main/java/";
  private static final String VERSION = "# ";

  /**
   * Reads the list and the files; empty where no list is in the class path.
   *
   * @throws IOException where they cannot be read
   */
  static Optional<EngineFiles> find(ClassLoader classes) throws IOException {
    URL list = classes.getResource(LIST);
    if (list == null) {
      return Optional.empty();
    }
    try {
      if (list.openConnection() instanceof JarURLConnection jar) {
        Path file = Path.of(jar.getJarFileURL().toURI());
        try (FileSystem inside = FileSystems.newFileSystem(file)) {
          return Optional.of(read(inside.getPath("/")));
        }
      }
      Path root = Path.of(list.toURI());
      for (int up = 0; up < Path.of(LIST).getNameCount(); up++) {
        root = requireNonNull(root.getParent());
      }
      return Optional.of(read(root));
    } catch (URISyntaxException e) {
      throw new IOException(list + " is no place of files", e);
    }
  }

  /**
   * @param root of the class path that has the list: a folder with classes, or the inside of a jar
   */
  static EngineFiles read(Path root) throws IOException {
    String version = "";
    Map<String, String> released = new TreeMap<>();
    for (String line : Files.readAllLines(root.resolve(LIST))) {
      if (line.startsWith(VERSION)) {
        version = line.substring(VERSION.length());
      } else {
        String[] sumAndPath = line.split(" +", 2);
        released.put(sumAndPath[1], sumAndPath[0]);
      }
    }
    return new EngineFiles(version, released, built(root));
  }

  private static Map<String, String> built(Path root) throws IOException {
    Map<String, String> built = new TreeMap<>();
    Path copies = root.resolve(COPIES);
    if (!Files.isDirectory(copies)) {
      return built;
    }
    try (Stream<Path> files = Files.walk(copies)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String path = copies.relativize(file).toString().replace('\\', '/');
        if (isCompiled(root, path)) {
          built.put(path, sum(Files.readAllBytes(file)));
        }
      }
    }
    return built;
  }

  /**
   * Whether the copy of a source has its class. An incremental build deletes the classes of a
   * source that is gone, but not its copy.
   */
  private static boolean isCompiled(Path root, String path) {
    return !path.startsWith(JAVA)
        || Files.exists(
            root.resolve(path.substring(JAVA.length()).replaceFirst("\\.java$", ".class")));
  }

  /** SHA-256 of the content with LF line endings, since a checkout may have CRLF. */
  private static String sum(byte[] content) {
    String text = new String(content, StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
