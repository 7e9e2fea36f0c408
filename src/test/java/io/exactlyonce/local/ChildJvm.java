package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Starts a main class of our own class path in a JVM of its own, so that it can be killed alone.
 */
public final class ChildJvm {

  private ChildJvm() {}

  /**
   * Starts {@code mainClass} with what this JVM has on its class path.
   *
   * @param dir where its output, {@code <name>.log}, and its arguments, {@code <name>.args}, go
   */
  public static ChildProcess start(
      Path dir, String name, List<String> jvmOptions, String mainClass, List<String> args) {
    return start(dir, name, jvmOptions, classPath(), mainClass, args);
  }

  /** Starts it with another class path, such as ours with something in front of it. */
  public static ChildProcess start(
      Path dir,
      String name,
      List<String> jvmOptions,
      String classPath,
      String mainClass,
      List<String> args) {
    List<String> line = new ArrayList<>(jvmOptions);
    line.addAll(List.of("-cp", classPath));
    line.add(mainClass);
    line.addAll(args);
    // In a file, because a class path of some hundred jars makes every `ps` unreadable.
    Path file = dir.toAbsolutePath().resolve(name + ".args");
    try {
      Files.createDirectories(dir);
      Files.write(file, line.stream().map(ChildJvm::quoted).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return ChildProcess.start(dir.resolve(name + ".log"), List.of(java, "@" + file));
  }

  /**
   * Maven's exec:java loads us from a URLClassLoader inside Maven's own JVM, whose java.class.path
   * knows nothing of us. Elsewhere java.class.path is right: under surefire too, which either sets
   * it to the real one or leaves its manifest-only jar there, and that works for a child as well.
   */
  public static String classPath() {
    if (ChildJvm.class.getClassLoader() instanceof URLClassLoader ours) {
      return Arrays.stream(ours.getURLs())
          .map(ChildJvm::path)
          .collect(Collectors.joining(System.getProperty("path.separator")));
    }
    return System.getProperty("java.class.path");
  }

  private static String path(URL url) {
    return Path.of(URI.create(url.toString())).toString();
  }

  private static String quoted(String argument) {
    return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
