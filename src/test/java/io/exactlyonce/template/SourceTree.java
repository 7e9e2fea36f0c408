package io.exactlyonce.template;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Files of a project, with changes that are kept in memory until {@link #write}, so that a refusal
 * changes nothing. Paths are relative to the root.
 */
final class SourceTree {
  private final Path root;
  private final Map<Path, String> changed = new LinkedHashMap<>();
  private final TreeSet<Path> deleted = new TreeSet<>();

  SourceTree(Path root) {
    this.root = root;
  }

  /** The text files below a folder, sorted; none where there is no such folder. */
  List<Path> files(String folder) {
    if (!Files.isDirectory(root.resolve(folder))) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(root.resolve(folder))) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".png"))
          .map(root::relativize)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  boolean has(Path file) {
    return changed.containsKey(file)
        || (Files.exists(root.resolve(file)) && !deleted.contains(file));
  }

  String text(Path file) {
    String text = changed.get(file);
    if (text != null) {
      return text;
    }
    try {
      return Files.readString(root.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  void replace(Path file, Pattern what, String by) {
    String before = text(file);
    put(file, before, what.matcher(before).replaceAll(Matcher.quoteReplacement(by)));
  }

  void put(Path file, String text) {
    put(file, has(file) ? text(file) : null, text);
  }

  void move(Path from, Path to) {
    String text = text(from);
    delete(from);
    changed.put(to, text);
  }

  void delete(Path file) {
    changed.remove(file);
    deleted.add(file);
  }

  private void put(Path file, String before, String after) {
    if (!after.equals(before)) {
      changed.put(file, after);
    }
  }

  /** Writes the changes, and returns the number of files that were written or deleted. */
  int write() {
    try {
      for (Path file : deleted) {
        Files.delete(root.resolve(file));
      }
      for (Map.Entry<Path, String> change : changed.entrySet()) {
        Path file = root.resolve(change.getKey());
        Files.createDirectories(file.getParent());
        Files.writeString(file, change.getValue());
      }
      for (Path file : deleted) {
        deleteEmptyFolders(root.resolve(file).getParent());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("half done; git reset --hard && git clean -fd src", e);
    }
    return changed.size() + deleted.size();
  }

  private static void deleteEmptyFolders(Path deepest) throws IOException {
    for (Path folder = deepest; isEmptyFolder(folder); folder = folder.getParent()) {
      Files.delete(folder);
    }
  }

  private static boolean isEmptyFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  /**
   * The uncommitted changes of the tree, as {@code git status --porcelain} lists them.
   *
   * @throws Refused where the tree is not in a git repository
   */
  List<String> uncommitted() {
    try {
      Process git =
          new ProcessBuilder("git", "status", "--porcelain")
              .directory(root.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      List<String> lines = new ArrayList<>(git.inputReader().lines().toList());
      if (git.waitFor() != 0) {
        throw new Refused("this folder is not git's: git init && git add . && git commit first");
      }
      return lines;
    } catch (IOException e) {
      throw new Refused("git cannot be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refused("interrupted while git was asked what is not committed");
    }
  }
}
