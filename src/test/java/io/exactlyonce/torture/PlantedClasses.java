package io.exactlyonce.torture;

import io.exactlyonce.local.ChildJvm;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Makes the classes of a planted bug: copies of the product's sources with the bug's changes,
 * compiled against the product. Only a JVM with their directory first in its class path runs them.
 */
final class PlantedClasses {
  private static final Path SOURCES = Path.of("src", "main");

  private PlantedClasses() {}

  /**
   * The class path of an instance with the bug.
   *
   * @param dir directory for the sources and the classes
   * @throws IllegalStateException where the text to be changed is missing or not unique, or the
   *     change does not compile
   */
  static String classPath(PlantedBug bug, Path dir) {
    Path classes = dir.resolve("planted-" + bug.id()).resolve("classes");
    Map<String, String> changed = changed(bug);
    try {
      Files.createDirectories(classes);
      List<Path> sources = write(changed, classes);
      if (!sources.isEmpty()) {
        compile(bug, sources, classes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return classes + System.getProperty("path.separator") + ChildJvm.classPath();
  }

  /** The text of each changed file, by its path below src/main. */
  static Map<String, String> changed(PlantedBug bug) {
    Map<String, String> texts = new TreeMap<>();
    for (PlantedBug.Edit edit : bug.edits()) {
      String text = texts.computeIfAbsent(edit.file(), PlantedClasses::read);
      int first = text.indexOf(edit.find());
      if (first < 0 || text.indexOf(edit.find(), first + 1) >= 0) {
        throw new IllegalStateException(
            "planted bug "
                + bug.id()
                + ": src/main/"
                + edit.file()
                + (first < 0 ? " has no such place: " : " has several such places: ")
                + edit.find().strip()
                + "; mend it in PlantedBug.java");
      }
      texts.put(
          edit.file(),
          text.substring(0, first) + edit.replace() + text.substring(first + edit.find().length()));
    }
    return texts;
  }

  private static String read(String file) {
    try {
      return Files.readString(SOURCES.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes resources next to the classes, and Java sources apart; returns the latter. */
  private static List<Path> write(Map<String, String> changed, Path classes) throws IOException {
    Path sources = classes.resolveSibling("sources");
    for (Map.Entry<String, String> file : changed.entrySet()) {
      String path = file.getKey().substring(file.getKey().indexOf('/') + 1);
      Path to = (path.endsWith(".java") ? sources : classes).resolve(path);
      Files.createDirectories(to.getParent());
      Files.writeString(to, file.getValue());
    }
    return changed.keySet().stream()
        .map(path -> path.substring(path.indexOf('/') + 1))
        .filter(path -> path.endsWith(".java"))
        .map(sources::resolve)
        .toList();
  }

  private static void compile(PlantedBug bug, List<Path> sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException("planted bugs need a JDK, and this Java has no compiler");
    }
    StringWriter said = new StringWriter();
    List<String> options =
        List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp", ChildJvm.classPath());
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
      boolean isCompiled =
          compiler
              .getTask(said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
      if (!isCompiled) {
        throw new IllegalStateException(
            "planted bug "
                + bug.id()
                + " does not compile: "
                + said
                + "mend it in PlantedBug.java");
      }
    }
  }
}
