package io.exactlyonce.bench;

import java.time.LocalDate;
import java.util.List;
import java.util.Properties;

/** Caption of a table of figures: the day, the machine, and the command that makes the table. */
record Caption(LocalDate date, String machine, Properties options) {
  /** The options that decide what is measured, in the order of the manual. */
  private static final List<String> OPTIONS =
      List.of(
          "short",
          "sizes",
          "only",
          "rounds",
          "records",
          "backlog",
          "limit",
          "steady-within",
          "seconds",
          "warm-up",
          "ours",
          "jvm",
          "redis-server");

  /** The caption for one workload, whichever others ran beside it. */
  String of(String workload) {
    StringBuilder command = new StringBuilder("mvn -Pbench -Dworkloads=").append(workload);
    for (String option : OPTIONS) {
      String value = options.getProperty(option);
      if (value != null) {
        command.append(' ').append(argument("-D" + option + "=" + value));
      }
    }
    return "\nOn " + date + ", on " + machine + ":\n\n```sh\n" + command + "\n```\n";
  }

  private static String argument(String text) {
    return text.matches("[\\w.,:/=-]+") ? text : '"' + text + '"';
  }
}
