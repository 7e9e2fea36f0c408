package io.exactlyonce.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Checks which of the engine's files differ from the release that the project has.
 *
 * @param classes class loader in which the release's list and the files are looked for
 */
record EngineLook(ClassLoader classes) {
  private static final String CHECK = "engine";

  /** Files that are named at most; the rest are counted. */
  private static final int MAX_NAMED = 20;

  private static final String REMEDY =
      "a later version that changes these files too will conflict with them; keep your own code"
          + " outside of io.exactlyonce, and what has to be edited in a commit of its own: see"
          + " upgrading.md, If you edited the engine";

  List<Finding> run() {
    try {
      Optional<EngineFiles> found = EngineFiles.find(classes);
      return found.isEmpty()
          ? List.of(
              Finding.ok(
                  CHECK,
                  "files of the engine",
                  "not compared: this build has no list of the release's"))
          : compare(found.get());
    } catch (IOException e) {
      return List.of(
          Finding.unknown(
              CHECK,
              "files of the engine",
              String.valueOf(e.getMessage()),
              "check that the application's jar can be read"));
    }
  }

  private static List<Finding> compare(EngineFiles files) {
    Map<String, String> differing = new TreeMap<>();
    files
        .built()
        .forEach(
            (path, sum) -> {
              String released = files.released().get(path);
              if (released == null) {
                differing.put(path, "added");
              } else if (!released.equals(sum)) {
                differing.put(path, "edited");
              }
            });
    files.released().keySet().stream()
        .filter(path -> !files.built().containsKey(path))
        .forEach(path -> differing.put(path, "removed"));
    return differing.isEmpty() ? List.of(same(files)) : differ(files, differing);
  }

  private static Finding same(EngineFiles files) {
    return Finding.ok(
        CHECK,
        "version " + files.version(),
        "all " + files.released().size() + " files are as released");
  }

  private static List<Finding> differ(EngineFiles files, Map<String, String> differing) {
    List<Finding> findings = new ArrayList<>();
    String count = differing.size() + " files differ from the release";
    findings.add(Finding.warn(CHECK, "version " + files.version(), count, REMEDY));
    differing.entrySet().stream()
        .limit(MAX_NAMED)
        .forEach(file -> findings.add(Finding.warn(CHECK, file.getKey(), file.getValue(), "")));
    int more = differing.size() - MAX_NAMED;
    if (more > 0) {
      findings.add(
          Finding.warn(CHECK, "version " + files.version(), more + " more files differ", ""));
    }
    return findings;
  }
}
