package io.exactlyonce.torture;

import io.exactlyonce.torture.checker.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Report of a run: some lines for the terminal, and one HTML file without further files. */
final class Report {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 160;

  /** Time after the end of a fault in which it may still delay commits. */
  private static final long AFTERMATH_NANOS = 10_000_000_000L;

  private final TortureOptions options;
  private final Verdict verdict;
  private final List<FaultDriver.Struck> struck;
  private final List<String> troubles;
  private final Samples samples;
  private final long begun;
  private final double drained;

  /**
   * @param drained seconds from the last mended fault until nothing was left to commit; -1 where
   *     that took longer than its bound
   */
  Report(
      TortureOptions options,
      Verdict verdict,
      FaultDriver faults,
      Samples samples,
      long begun,
      double drained) {
    this.options = options;
    this.verdict = verdict;
    this.struck = new ArrayList<>(faults.struck());
    this.struck.sort(Comparator.comparingLong(FaultDriver.Struck::from));
    this.troubles = faults.troubles();
    this.samples = samples;
    this.begun = begun;
    this.drained = drained;
  }

  boolean isPassed() {
    boolean isJudged = options.delivery().equals("exactly-once") && options.guard().equals("redis");
    return drained >= 0 && troubles.isEmpty() && (verdict.isClean() || !isJudged);
  }

  boolean isDrained() {
    return drained >= 0;
  }

  Verdict verdict() {
    return verdict;
  }

  /** Committed source records per second, from the first commit to the last. */
  double recordsPerSecond() {
    List<Samples.Sample> all = samples.all();
    Samples.Sample last = all.get(all.size() - 1);
    long from = all.stream().filter(one -> one.committed() > 0).findFirst().orElse(last).at();
    long to =
        all.stream().filter(one -> one.committed() >= last.committed()).findFirst().get().at();
    return last.committed() / Math.max(0.001, (to - from) / 1e9);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(isPassed() ? "\nPASSED\n" : "\nFAILED\n");
    text.append("  records acknowledged   ").append(verdict.sent()).append('\n');
    text.append("  events                 ").append(verdict.events()).append('\n');
    text.append("  outputs in each sink   ").append(verdict.outputs()).append('\n');
    text.append("  dead letters           ").append(verdict.letters()).append('\n');
    text.append("  faults                 ").append(struck.size());
    text.append(" of ").append(standstills().size()).append(" kinds\n");
    text.append("  backlog gone           ");
    text.append(drained < 0 ? "NOT WITHIN ITS BOUND" : seconds(drained) + " after the last fault");
    text.append('\n');
    for (Finding.Kind kind : Finding.Kind.values()) {
      text.append(String.format("  %-22s ", kind.name().toLowerCase(Locale.ROOT)));
      text.append(verdict.counts().getOrDefault(kind, 0L)).append('\n');
    }
    text.append("  audit                  exit status ").append(verdict.auditStatus());
    text.append('\n');
    verdict.findings().stream()
        .limit(10)
        .forEach(one -> text.append("  ").append(one).append('\n'));
    troubles.forEach(one -> text.append("  fault: ").append(one).append('\n'));
    if (verdict.auditStatus() != 0) {
      text.append(verdict.audit());
    }
    text.append("To repeat it: ").append(options.command());
    return text.toString();
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.1f s", value);
  }

  /** Longest time without a commit around each fault, by kind, in seconds. */
  private Map<Fault, List<Double>> standstills() {
    return struck.stream()
        .collect(
            Collectors.groupingBy(
                FaultDriver.Struck::fault,
                TreeMap::new,
                Collectors.mapping(
                    one -> samples.longestStandstill(one.from(), one.to() + AFTERMATH_NANOS),
                    Collectors.toList())));
  }

  Path write(Path dir) throws IOException {
    Path file = dir.resolve("seed-" + options.seed() + ".html");
    Files.writeString(file, html());
    return file;
  }

  private String html() {
    return """
        <!doctype html><meta charset="utf-8"><title>Torture, seed %d</title>
        <style>
        body{font:15px/1.5 system-ui,sans-serif;max-width:%dpx;margin:2em auto;padding:0 1em;color:#222}
        h1{font-size:1.4em} pre{background:#f4f4f4;padding:1em;overflow:auto}
        table{border-collapse:collapse} td,th{padding:.2em .8em;text-align:left;border-bottom:1px solid #ddd}
        td.n{text-align:right} svg{background:#fafafa;width:100%%;height:auto} .fault{fill:#d9480f;opacity:.18}
        path{fill:none;stroke:#1864ab;stroke-width:1.5} text{font-size:11px;fill:#555}
        @media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}pre,svg{background:#222}
        path{stroke:#74c0fc}td,th{border-color:#444}text{fill:#aaa}}
        </style>
        <h1>Torture: %s</h1><pre>%s</pre>
        <h2>Committed records a second</h2>%s
        <h2>Lag in records</h2>%s
        <h2>Longest time without a commit, from a fault's begin to ten seconds behind its end</h2>%s
        <h2>Faults</h2>%s
        """
        .formatted(
            options.seed(),
            WIDTH,
            isPassed() ? "passed" : "failed",
            escaped(text()),
            chart(rates()),
            chart(lags()),
            standstillTable(),
            faultTable());
  }

  private record Point(double second, double value) {}

  private double second(long at) {
    return (at - begun) / 1e9;
  }

  /** Rates over five seconds each, since commits come in bursts. */
  private List<Point> rates() {
    List<Samples.Sample> all = samples.all();
    List<Point> points = new ArrayList<>();
    for (int i = 10; i < all.size(); i += 2) {
      Samples.Sample then = all.get(i - 10);
      Samples.Sample now = all.get(i);
      double seconds = Math.max(0.001, (now.at() - then.at()) / 1e9);
      points.add(new Point(second(now.at()), (now.committed() - then.committed()) / seconds));
    }
    return points;
  }

  private List<Point> lags() {
    return samples.all().stream().map(one -> new Point(second(one.at()), one.lag())).toList();
  }

  private String chart(List<Point> points) {
    double seconds = points.stream().mapToDouble(Point::second).max().orElse(1);
    double most = Math.max(1, points.stream().mapToDouble(Point::value).max().orElse(1));
    StringBuilder svg = new StringBuilder();
    svg.append(String.format("<svg viewBox=\"0 0 %d %d\">", WIDTH, HEIGHT));
    for (FaultDriver.Struck one : struck) {
      double from = second(one.from()) / seconds * WIDTH;
      double width = Math.max(2, (one.to() - one.from()) / 1e9 / seconds * WIDTH);
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"fault\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"><title>%s</title></rect>",
              from,
              width,
              HEIGHT,
              escaped(one.fault().text())));
    }
    String line =
        points.stream()
            .map(
                one ->
                    String.format(
                        Locale.ROOT,
                        "%.1f %.1f",
                        one.second() / seconds * WIDTH,
                        HEIGHT - one.value() / most * (HEIGHT - 20)))
            .collect(Collectors.joining(" L "));
    svg.append("<path d=\"M ").append(line).append("\"/>");
    svg.append(
        String.format(Locale.ROOT, "<text x=\"4\" y=\"14\">%.0f at the most</text></svg>", most));
    return svg.toString();
  }

  private String standstillTable() {
    StringBuilder rows = new StringBuilder("<table><tr><th>fault<th>times<th>median<th>worst");
    standstills()
        .forEach(
            (fault, seconds) -> {
              List<Double> sorted = seconds.stream().sorted().toList();
              rows.append(
                  String.format(
                      "<tr><td>%s<td class=n>%d<td class=n>%s<td class=n>%s",
                      escaped(fault.text()),
                      sorted.size(),
                      seconds(sorted.get(sorted.size() / 2)),
                      seconds(sorted.get(sorted.size() - 1))));
            });
    return rows.append("</table>").toString();
  }

  private String faultTable() {
    StringBuilder rows = new StringBuilder("<table><tr><th>from<th>to<th>fault");
    for (FaultDriver.Struck one : struck) {
      rows.append(
          String.format(
              "<tr><td class=n>%s<td class=n>%s<td>%s",
              seconds(second(one.from())), seconds(second(one.to())), escaped(one.fault().text())));
    }
    return rows.append("</table>").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
