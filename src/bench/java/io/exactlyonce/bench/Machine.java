package io.exactlyonce.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine that the figures are from, in a line. */
final class Machine {
  private Machine() {}

  /** The load is that of before the first run: other work on the machine would be in it. */
  static String describe() {
    return Report.format(
        "%d cores (%s), %s, %s %s, Java %s, load %.1f before it",
        Runtime.getRuntime().availableProcessors(),
        line("/proc/cpuinfo", "model name", System.getProperty("os.arch")),
        memory(),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("java.runtime.version"),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  private static String memory() {
    String kilobytes = line("/proc/meminfo", "MemTotal", "0").replaceAll("\\D", "");
    return Math.round(Long.parseLong(kilobytes) / 1048576.0) + " GiB";
  }

  private static String line(String file, String key, String otherwise) {
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      return otherwise;
    }
    try {
      return Files.readAllLines(path).stream()
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse(otherwise);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
