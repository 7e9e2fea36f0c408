package io.exactlyonce.cli;

import io.exactlyonce.cli.common.CommandFailure;
import io.exactlyonce.lag.GroupLag;
import picocli.CommandLine.Option;

/**
 * Thresholds from which on a lag is a warning, or critical: in records of all partitions together,
 * or in seconds of the partition that is furthest behind.
 */
final class LagThresholds {
  /** Levels of a lag, with the exit status of each. */
  enum Level {
    OK(0),
    WARNING(1),
    CRITICAL(2);

    final int exitCode;

    Level(int exitCode) {
      this.exitCode = exitCode;
    }
  }

  @Option(
      names = "--warning",
      paramLabel = "RECORDS,SECONDS",
      defaultValue = "50000,60",
      description =
          "Exit status 1 from so many records on, or so many seconds. Default: ${DEFAULT-VALUE}.")
  private String warning;

  @Option(
      names = "--critical",
      paramLabel = "RECORDS,SECONDS",
      defaultValue = "100000,300",
      description =
          "Exit status 2 from so many records on, or so many seconds. Default: ${DEFAULT-VALUE}.")
  private String critical;

  private record Threshold(long records, long seconds) {
    boolean isReached(GroupLag lag) {
      return lag.records() >= records || lag.seconds() >= seconds;
    }
  }

  /**
   * Checks the options.
   *
   * @throws CommandFailure where a threshold is none or 0, or the warning is above the critical one
   */
  void check() throws CommandFailure {
    Threshold warns = parse("--warning", warning);
    Threshold isCritical = parse("--critical", critical);
    if (warns.records > isCritical.records || warns.seconds > isCritical.seconds) {
      throw new CommandFailure(
          "--warning " + warning + " is above --critical " + critical + "; give it lower values");
    }
  }

  Level judge(GroupLag lag) {
    try {
      if (parse("--critical", critical).isReached(lag)) {
        return Level.CRITICAL;
      }
      return parse("--warning", warning).isReached(lag) ? Level.WARNING : Level.OK;
    } catch (CommandFailure e) {
      throw new IllegalStateException("checked before", e);
    }
  }

  private static Threshold parse(String option, String text) throws CommandFailure {
    String[] parts = text.strip().split("\\s*,\\s*", -1);
    try {
      if (parts.length == 2) {
        Threshold parsed = new Threshold(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        if (parsed.records > 0 && parsed.seconds > 0) {
          return parsed;
        }
      }
    } catch (NumberFormatException e) {
      // as any other text that is no threshold
    }
    throw new CommandFailure(
        option + " " + text + " is no threshold; write records and seconds above 0: 50000,60");
  }
}
