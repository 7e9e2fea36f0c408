package io.exactlyonce.torture;

import io.exactlyonce.torture.checker.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One run of the same seed for each delivery, and a table that compares their findings. */
final class DeliveryTable {
  private record Row(String delivery, String guard) {}

  private static final List<Row> ROWS =
      List.of(
          new Row("at-most-once", "redis"),
          new Row("at-least-once", "redis"),
          new Row("exactly-once", "off"),
          new Row("exactly-once", "redis"));

  private final TortureOptions options;
  private final Path dir;
  private final List<String> lines = new ArrayList<>();

  DeliveryTable(TortureOptions options, Path dir) {
    this.options = options;
    this.dir = dir;
  }

  /**
   * Whether each delivery keeps its promise: exactly-once with the guard has no finding,
   * at-most-once has lost events and at-least-once has repeated some. Without those the faults
   * would have been too few.
   */
  boolean run() throws IOException, InterruptedException {
    lines.add("| delivery | guard | events | lost | duplicated | records/s | p99 |");
    lines.add("| --- | --- | --- | --- | --- | --- | --- |");
    boolean isAsPromised = true;
    for (Row row : ROWS) {
      Report report = Torture.run(options.with(row.delivery(), row.guard()), dir);
      isAsPromised &= report.isPassed() && isAsPromised(row, report.verdict());
      lines.add(line(row, report));
      System.out.println(String.join("\n", lines));
    }
    return isAsPromised;
  }

  private static boolean isAsPromised(Row row, Verdict verdict) {
    return switch (row.delivery()) {
      case "at-most-once" -> count(verdict, Finding.Kind.LOST) > 0;
      case "at-least-once" ->
          count(verdict, Finding.Kind.DUPLICATED) > 0 && count(verdict, Finding.Kind.LOST) == 0;
      default -> count(verdict, Finding.Kind.LOST) == 0;
    };
  }

  private static String line(Row row, Report report) {
    Verdict verdict = report.verdict();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %d | %d | %.0f | %.1f s |",
        row.delivery(),
        row.guard().equals("off") ? "off" : "on",
        verdict.events(),
        count(verdict, Finding.Kind.LOST),
        count(verdict, Finding.Kind.DUPLICATED),
        report.recordsPerSecond(),
        verdict.p99Millis() / 1e3);
  }

  private static long count(Verdict verdict, Finding.Kind kind) {
    return verdict.counts().getOrDefault(kind, 0L);
  }
}
