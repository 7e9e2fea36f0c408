package io.exactlyonce.torture;

import io.exactlyonce.local.EmbeddedBackends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs each planted bug in its own short run, and in runs with all faults until one finds it, and
 * makes a table for the manual.
 */
final class PlantedTable {
  /** Number of runs with all faults after which a bug counts as not found. */
  private static final int MOST_SEEDS = 3;

  private static final Map<String, String> BROKER =
      Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");

  private final TortureOptions options;
  private final Path dir;
  private final List<String> rows = new ArrayList<>();

  PlantedTable(TortureOptions options, Path dir) {
    this.options = options;
    this.dir = dir;
  }

  /**
   * Whether each bug was found in its own run. The runs with all faults are in the table and do not
   * count.
   */
  boolean run() throws IOException, InterruptedException {
    rows.add("| planted bug | found in its own run, after | in a run with all faults, after |");
    rows.add("| --- | --- | --- |");
    boolean isFound = true;
    for (PlantedBug bug : PlantedBug.played()) {
      String own = own(bug);
      isFound &= !own.equals("not found");
      rows.add(
          "| `"
              + bug.id()
              + "` | "
              + own
              + " | "
              + (options.seconds() == 0 ? "" : all(bug))
              + " |");
      System.out.println(String.join("\n", rows));
    }
    return isFound;
  }

  private String own(PlantedBug bug) {
    try (EmbeddedBackends backends = EmbeddedBackends.start(1, BROKER)) {
      long from = System.nanoTime();
      Verdict verdict =
          Trial.run(bug.scene(), backends, dir, bug.id(), PlantedClasses.classPath(bug, dir));
      return found(verdict, true, from);
    }
  }

  private String all(PlantedBug bug) throws IOException, InterruptedException {
    long from = System.nanoTime();
    for (long seed = options.seed(); seed < options.seed() + MOST_SEEDS; seed++) {
      Report report = Torture.run(options.with(seed, bug), dir);
      if (!report.isPassed()) {
        return found(report.verdict(), report.isDrained(), from) + ", seed " + seed;
      }
    }
    return "not found by " + MOST_SEEDS + " seeds of " + options.seconds() + " s";
  }

  private static String found(Verdict verdict, boolean isDrained, long from) {
    List<String> by = new ArrayList<>();
    if (!verdict.findings().isEmpty()) {
      by.add("checker");
    }
    if (verdict.auditStatus() != 0) {
      by.add("audit");
    }
    if (!isDrained) {
      by.add("backlog");
    }
    double seconds = (System.nanoTime() - from) / 1e9;
    return by.isEmpty()
        ? "not found"
        : String.format(Locale.ROOT, "%.0f s, %s", seconds, String.join(" and ", by));
  }
}
