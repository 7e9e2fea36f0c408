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

/** Starts main classes of this class path in JVMs of their own, which can be killed alone. */
public final class ChildJvm {

  private ChildJvm() {}

  /**
   * Starts {@code mainClass} with the class path of this JVM.
   *
   * @param dir directory of its output, {@code <name>.log}, and its arguments, {@code <name>.args}
   */
  public static ChildProcess start(
      Path dir, String name, List<String> jvmOptions, String mainClass, List<String> args) {
    return start(dir, name, jvmOptions, classPath(), mainClass, args);
  }

  /** Starts {@code mainClass} with another class path, such as this one with a folder before it. */
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
    // In a file: a class path of some hundred jars would make each output of ps unreadable.
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
   * The class path of this JVM. Maven's exec:java loads our classes by a URLClassLoader inside
   * Maven's own JVM, whose java.class.path has none of them. Elsewhere java.class.path is right,
   * under surefire too: it is either the real one, or surefire's manifest-only jar, which works for
   * a child as well.
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
