package io.exactlyonce.bench;

import java.util.List;

/** All of a sweep in one SVG: a row of bars for each dimension. */
final class SweepPicture {
  private static final int BAR = 52;
  private static final int GAP = 14;
  private static final int HEIGHT = 110;
  private static final int PANEL = HEIGHT + 70;
  private static final int LEFT = 20;
  private static final int WIDTH = 480;

  private SweepPicture() {}

  static String of(List<SweepPoint> points) {
    List<String> dimensions = points.stream().map(SweepPoint::dimension).distinct().toList();
    double most = points.stream().mapToDouble(p -> p.result().perSecond()).max().orElse(1);
    StringBuilder body = new StringBuilder();
    for (int d = 0; d < dimensions.size(); d++) {
      String dimension = dimensions.get(d);
      int top = d * PANEL + 30;
      body.append(text(LEFT, top, "bold", "records/s by " + dimension));
      List<SweepPoint> own = points.stream().filter(p -> p.dimension().equals(dimension)).toList();
      for (int i = 0; i < own.size(); i++) {
        body.append(bar(own.get(i), LEFT + i * (BAR + GAP), top + HEIGHT + 20, most));
      }
    }
    return Report.format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"12\">%n"
            + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n%s</svg>%n",
        WIDTH, dimensions.size() * PANEL + 20, body);
  }

  /** The scale is the same in all panels. */
  private static String bar(SweepPoint point, int x, int bottom, double most) {
    double height = Math.max(1, point.result().perSecond() / most * (HEIGHT - 20));
    int top = (int) (bottom - height);
    String rate = Report.format("%.0fk", point.result().perSecond() / 1000);
    return Report.format(
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%.1f\" fill=\"#1b6e53\"/>%n",
            x, top, BAR, height)
        + text(x + 6, top - 4, "normal", rate)
        + text(x + 6, bottom + 15, "normal", point.value());
  }

  private static String text(int x, int y, String weight, String text) {
    return Report.format(
        "<text x=\"%d\" y=\"%d\" font-weight=\"%s\">%s</text>%n", x, y, weight, text);
  }
}
