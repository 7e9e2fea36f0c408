package io.exactlyonce.template;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Merges a later version into a project that has other names, and perhaps no samples.
 *
 * <p>A merge compares the project and the later version with their common base. Base and later
 * version are given the project's names first, in a temporary worktree, so that the names make no
 * difference: only what the project and the later version have really changed is left.
 *
 * @param project the folder of the project
 * @param later a folder with the later version, a worktree of the project's repository or a clone
 */
record Upgrading(Path project, Path later) {
  private static final List<String> SAMPLES = List.of("payments", "weblogs");

  /**
   * Merges, and leaves the commit to the user.
   *
   * @param from the commit that the project was made from; empty: the one that git finds
   * @return the files with conflicts
   * @throws Refused where something is not committed, or git finds no common base
   */
  List<String> run(String from) {
    requireTwo();
    SourceTree tree = new SourceTree(project);
    requireCommitted(tree.uncommitted());
    Names names = Names.of(tree.text(Path.of("pom.xml")));
    Samples samples = samples(names);
    Git git = new Git(project);
    String to = new Git(later).run("rev-parse", "HEAD");
    git.run("fetch", "-q", later.toAbsolutePath().toString(), "HEAD");
    String base = base(git, from, to);
    if (base.equals(to)) {
      throw new Refused("the project has this version already");
    }
    String step = renamedStep(git, base, to, names, samples);
    git.attempt("cherry-pick", "--no-commit", step);
    git.run("update-ref", "MERGE_HEAD", to);
    write(git, "MERGE_MSG", "Merge the engine of " + to.substring(0, 12) + "\n");
    return git.run("diff", "--name-only", "--diff-filter=U").lines().toList();
  }

  private void requireTwo() {
    try {
      if (Files.isSameFile(project, later)) {
        throw new Refused(
            "this project's own version was asked for; name the folder that has the later one, as in git worktree add ../later upstream/main && mvn -f ../later -Pupgrade");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireCommitted(List<String> changes) {
    if (!changes.isEmpty()) {
      throw new Refused(
          "%d files are not committed, %s the first; commit or stash them"
              .formatted(changes.size(), changes.get(0).substring(3)));
    }
  }

  /** Whether the project still has the samples; a project without them does not get them again. */
  private Samples samples(Names names) {
    return SAMPLES.stream()
            .map(sample -> project.resolve("src/main/java/" + names.folder() + "/" + sample))
            .anyMatch(Files::isDirectory)
        ? Samples.KEEP
        : Samples.REMOVE;
  }

  private static String base(Git git, String from, String to) {
    Git.Ended found =
        from.isEmpty()
            ? git.attempt("merge-base", "HEAD", to)
            : git.attempt("rev-parse", "--verify", "-q", from + "^{commit}");
    if (found.status() != 0) {
      throw new Refused(
          from.isEmpty()
              ? "git knows no commit that both come from, since the project was copied and not cloned, or its clone is shallow; name the one that it was made from by -Dfrom="
              : "-Dfrom=" + from + " is no commit of this repository");
    }
    return found.said();
  }

  /**
   * Makes a commit with the later version's tree whose parent has the base's tree, both renamed.
   */
  private String renamedStep(Git git, String base, String to, Names names, Samples samples) {
    Path folder = temporary();
    git.run("worktree", "add", "-q", "--detach", folder.toString(), base);
    try {
      Git there = new Git(folder);
      String before = commit(there, renamed(there, folder, names, samples), base);
      there.run("reset", "-q", "--hard", to);
      there.run("clean", "-q", "-fd");
      return commit(there, renamed(there, folder, names, samples), before);
    } finally {
      git.attempt("worktree", "remove", "--force", folder.toString());
    }
  }

  private static String renamed(Git there, Path folder, Names names, Samples samples) {
    new Renaming(new SourceTree(folder), names).run(samples);
    there.run("add", "-A");
    return there.run("write-tree");
  }

  /** Makes a commit with a neutral author, since it is no part of the project's history. */
  private static String commit(Git git, String tree, String parent) {
    return git.run(
        "-c",
        "user.name=upgrade",
        "-c",
        "user.email=upgrade@localhost",
        "commit-tree",
        tree,
        "-p",
        parent,
        "-m",
        "renamed");
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("upgrade").resolve("tree");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary folder", e);
    }
  }

  private static void write(Git git, String name, String text) {
    try {
      Files.writeString(git.folder().resolve(git.run("rev-parse", "--git-path", name)), text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + name, e);
    }
  }
}
