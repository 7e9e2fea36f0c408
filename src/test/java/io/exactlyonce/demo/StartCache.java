package io.exactlyonce.demo;

import io.exactlyonce.local.Await;
import io.exactlyonce.local.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Cache by which later starts of the jar are faster. From Java 25 on it is an AOT cache, with
 * classes linked and methods profiled (JEP 483, 514, 515), {@code <path>.aot}; before, an archive
 * of class data (JEP 350), {@code <path>.jsa}. docker/run.sh takes whichever exists.
 */
final class StartCache {
  private static final int AOT_SINCE = 25;
  private static final Duration MAKE_BOUND = Duration.ofMinutes(4);

  private final Path path;
  private final Path jar;
  private final List<String> options;
  private final boolean isAot = Runtime.version().feature() >= AOT_SINCE;

  /**
   * @param options JVM options that later runs have too
   */
  StartCache(Path path, Path jar, List<String> options) {
    this.path = path;
    this.jar = jar;
    this.options = options;
  }

  Path file() {
    return Path.of(path + (isAot ? ".aot" : ".jsa"));
  }

  private Path recorded() {
    return Path.of(path + ".recorded");
  }

  /** Options of the run that is recorded, which ends by itself or by SIGTERM. */
  List<String> recording() {
    List<String> all = new ArrayList<>(options);
    all.add("-Xlog:disable");
    if (isAot) {
      all.addAll(List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + recorded()));
    } else {
      all.add("-XX:ArchiveClassesAtExit=" + file());
    }
    return all;
  }

  /** Starts the jar as a process. */
  ChildProcess start(Path dir, String name, List<String> jvmOptions, List<String> args) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(jvmOptions);
    line.addAll(List.of("-jar", jar.toString()));
    line.addAll(args);
    return ChildProcess.start(dir.resolve(name + ".log"), line);
  }

  /** Makes the cache from what was recorded. True where it exists then. */
  boolean make(Path dir) {
    if (isAot) {
      List<String> all = new ArrayList<>(options);
      all.addAll(
          List.of(
              "-Xlog:disable",
              "-XX:AOTMode=create",
              "-XX:AOTConfiguration=" + recorded(),
              "-XX:AOTCache=" + file()));
      try (ChildProcess making = start(dir, "cache", all, List.of())) {
        Await.within(MAKE_BOUND, () -> !making.isAlive());
      }
      recorded().toFile().delete();
    }
    boolean isThere = Files.exists(file());
    System.out.println(isThere ? "made " + file() : "there is no " + file() + ": see " + dir);
    return isThere;
  }
}
