package io.exactlyonce.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** CPU time and memory of a process, as the operating system counts them. */
final class Usage {
  private Usage() {}

  /** Seconds since the process began, in user and kernel mode; 0 where it has ended. */
  static double cpuSeconds(long pid) {
    return ProcessHandle.of(pid)
            .flatMap(process -> process.info().totalCpuDuration())
            .map(Duration::toMillis)
            .orElse(0L)
        / 1000.0;
  }

  /**
   * What its heap holds once nothing is left to collect, since a full collection comes before it is
   * counted; 0 where it has ended.
   */
  static double liveMegabytes(long pid) {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    try {
      Process asked =
          new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
              .redirectErrorStream(true)
              .start();
      try (var lines = asked.inputReader().lines()) {
        return lines
                .filter(line -> line.startsWith("Total"))
                .mapToLong(line -> Long.parseLong(line.trim().split("\\s+")[2]))
                .findFirst()
                .orElse(0)
            / 1e6;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The most resident memory it ever had; 0 where the system does not tell. */
  static long peakMegabytes(long pid) {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.exists(status)) {
      return 0;
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
