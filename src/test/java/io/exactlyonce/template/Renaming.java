package io.exactlyonce.template;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Gives a source tree other names: its pom, configuration, container files and manual, and the
 * package of what is not the engine.
 *
 * <p>The present names are read from {@code pom.xml}, so a project can be renamed again. The same
 * names a second time change only what a merge of a later version has brought under the original
 * names. The packages {@code io.exactlyonce} keep their name: they are the engine, and later
 * versions of it are merged into them.
 */
final class Renaming {
  private static final Path POM = Path.of("pom.xml");
  private static final Path CONFIGURATION = Path.of("src/main/resources/application.yml");
  private static final List<String> SOURCES = List.of("src/main/java", "src/test/groovy");
  private static final List<String> SAMPLES = List.of("payments", "weblogs");

  private final SourceTree tree;
  private final Names now;
  private final Names wanted;

  /**
   * @throws Refused where the pom does not have the present names
   */
  Renaming(SourceTree tree, Names wanted) {
    this.tree = tree;
    this.now = Names.of(tree.text(POM));
    this.wanted = wanted;
  }

  /**
   * Renames the tree.
   *
   * @return number of files that were written or deleted
   * @throws Refused where something is not committed, since git could not undo the renaming then;
   *     where the artifact's name is a word of the texts; or where a file would be overwritten
   */
  int run(Samples samples) {
    requireCommitted();
    requireTellable();
    if (samples == Samples.REMOVE) {
      removeSamples();
    }
    texts().forEach(this::rename);
    tree.replace(POM, groupOfProject(), wanted.group());
    known().forEach(this::movePackage);
    leaveRoomForHandlers();
    return tree.write();
  }

  private void requireCommitted() {
    List<String> changes = tree.uncommitted();
    if (!changes.isEmpty()) {
      throw new Refused(
          "%d files are not committed, %s the first. Commit or stash them, so that git can take the renaming back"
              .formatted(changes.size(), changes.get(0).substring(3)));
    }
  }

  /**
   * Refuses an artifact name that is a word of the texts, since the next renaming would replace
   * that word too.
   */
  private void requireTellable() {
    if (wanted.artifact().equals(now.artifact())) {
      return;
    }
    for (Path file : texts()) {
      if (word(wanted.artifact()).matcher(tree.text(file)).find()) {
        throw new Refused(
            "-Dartifact=%s is a word of %s, and could not be told from it later; take another, as one with a hyphen"
                .formatted(wanted.artifact(), file));
      }
    }
  }

  private List<Path> texts() {
    List<Path> texts = new ArrayList<>(List.of(POM, Path.of("README.md"), CONFIGURATION));
    texts.addAll(tree.files("docker"));
    texts.addAll(tree.files("src/site/markdown"));
    return texts;
  }

  /**
   * The names to be replaced: the present ones, and the original ones in what a merge has brought.
   */
  private Set<Names> known() {
    return new LinkedHashSet<>(List.of(now, Names.ORIGINAL));
  }

  private void rename(Path text) {
    for (Names names : known()) {
      tree.replace(text, word(names.artifact()), wanted.artifact());
      renamePackage(text, names);
    }
  }

  private void renamePackage(Path text, Names names) {
    tree.replace(text, word(names.packageName()), wanted.packageName());
    tree.replace(text, word(names.folder()), wanted.folder());
  }

  private void movePackage(Names names) {
    for (String sources : SOURCES) {
      Path from = Path.of(sources, names.folder());
      for (Path file : tree.files(from.toString())) {
        if (!tree.has(file)) {
          continue; // it belongs to a sample that was removed
        }
        renamePackage(file, names);
        if (!names.folder().equals(wanted.folder())) {
          Path to = Path.of(sources, wanted.folder()).resolve(from.relativize(file));
          if (tree.has(to)) {
            throw new Refused(file + " would take the place of " + to + "; delete one of them");
          }
          tree.move(file, to);
        }
      }
    }
  }

  /** Removes folders, specs and settings of the samples, but nothing that was added beside them. */
  private void removeSamples() {
    for (String sample : SAMPLES) {
      for (String sources : SOURCES) {
        for (Names names : known()) {
          tree.files(sources + "/" + names.folder() + "/" + sample).forEach(tree::delete);
        }
      }
      Path settings = CONFIGURATION.resolveSibling("application-" + sample + ".yml");
      if (tree.has(settings)) {
        tree.delete(settings);
      }
      // The sample's block below "pipelines:": the lines that are indented deeper than its name.
      tree.replace(
          CONFIGURATION, Pattern.compile("(?m)^  " + sample + ":\\n(?:   .*\\n|\\n(?=   ))*"), "");
    }
    tree.replace(CONFIGURATION, Pattern.compile("(?m)^pipelines:\\n(?! )\\n?"), "");
  }

  /** Makes the package where nothing is in it, since tools and specs look there. */
  private void leaveRoomForHandlers() {
    Path info = Path.of(SOURCES.get(0), wanted.folder(), "package-info.java");
    if (!tree.has(info)) {
      tree.put(
          info,
          "/** The handlers of this project, and what they need. */\n@NullMarked\npackage %s;\n\nimport org.jspecify.annotations.NullMarked;\n"
              .formatted(wanted.packageName()));
    }
  }

  private Pattern groupOfProject() {
    return Pattern.compile(
        "(?<=<groupId>)%s(?=</groupId>\\s{0,9}<artifactId>%s<)"
            .formatted(Pattern.quote(now.group()), Pattern.quote(wanted.artifact())));
  }

  /**
   * Pattern of the whole word; a hyphen may follow it, as in the name of a service. The manual's
   * example of the rename command does not match.
   */
  private static Pattern word(String name) {
    return Pattern.compile("(?<!\\w)(?<!\\w-)(?<!-D[a-z]{1,9}=)" + Pattern.quote(name) + "(?!\\w)");
  }
}
