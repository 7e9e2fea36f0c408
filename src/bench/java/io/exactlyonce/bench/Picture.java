package io.exactlyonce.bench;

import java.util.List;
import java.util.Map;

/** A bar for each contestant, a group of bars for each workload, as SVG. */
final class Picture {
  private static final int ROW = 22;
  private static final int LABELS = 230;
  private static final int BARS = 460;
  private static final int WIDTH = LABELS + BARS + 170;

  private Picture() {}

  static String of(Map<String, List<Summary>> workloads) {
    StringBuilder body = new StringBuilder();
    int y = 10;
    for (Map.Entry<String, List<Summary>> workload : workloads.entrySet()) {
      y += ROW;
      body.append(text(10, y, "bold", workload.getKey() + ", records/s"));
      double most = workload.getValue().stream().mapToDouble(Summary::perSecond).max().orElse(1);
      for (Summary summary : workload.getValue()) {
        y += ROW;
        body.append(bar(summary, y, most));
      }
      y += ROW / 2;
    }
    return Report.format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"13\">%n"
            + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n%s</svg>%n",
        WIDTH, y + ROW, body);
  }

  private static String bar(Summary summary, int y, double most) {
    double length = Math.max(1, summary.perSecond() / most * BARS);
    String colour = Contestant.isOurs(summary.contestant()) ? "#1b6e53" : "#9aa5ab";
    return text(10, y, "normal", summary.contestant())
        + Report.format(
            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
            LABELS, y - ROW / 2 - 3, length, ROW - 6, colour)
        + text(
            (int) (LABELS + length + 8), y, "normal", Report.format("%,.0f", summary.perSecond()));
  }

  private static String text(int x, int y, String weight, String text) {
    return Report.format(
        "<text x=\"%d\" y=\"%d\" font-weight=\"%s\">%s</text>%n", x, y, weight, text);
  }
}
