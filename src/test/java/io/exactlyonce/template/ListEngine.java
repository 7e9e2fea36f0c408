package io.exactlyonce.template;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes the list of the engine's files with their sums, which {@code doctor} compares with: {@code
 * java src/test/java/io/exactlyonce/template/ListEngine.java} in the project's folder. To be run
 * before each commit that changes the engine, in the project that releases it and in no other: a
 * project that was made from it keeps the list that it was given.
 */
public final class ListEngine {
  static final Path LIST = Path.of("src/main/resources/META-INF/exactly-once/engine.sums");

  private static final List<String> ENGINE =
      List.of("src/main/java/io/exactlyonce", "src/main/resources/io/exactlyonce");

  private ListEngine() {}

  public static void main(String[] args) throws IOException, GeneralSecurityException {
    Files.createDirectories(LIST.getParent());
    Files.writeString(LIST, list(Path.of("")));
  }

  /**
   * The list, in the form that {@code sha256sum} writes and checks with -c, below a line with the
   * version.
   */
  static String list(Path root) throws IOException, GeneralSecurityException {
    StringBuilder list = new StringBuilder("# " + version(root) + "\n");
    for (String folder : ENGINE) {
      try (Stream<Path> files = Files.walk(root.resolve(folder))) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          String text = Files.readString(file).replace("\r\n", "\n");
          byte[] sum =
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
          String path = root.relativize(file).toString().replace('\\', '/');
          list.append(HexFormat.of().formatHex(sum)).append("  ").append(path).append('\n');
        }
      }
    }
    return list.toString();
  }

  /** The version of the project: the first in its pom. */
  private static String version(Path root) throws IOException {
    Matcher version =
        Pattern.compile("<version>(.+?)</version>")
            .matcher(Files.readString(root.resolve("pom.xml")));
    if (!version.find()) {
      throw new IOException("pom.xml has no version");
    }
    return version.group(1);
  }
}
