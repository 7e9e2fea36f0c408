package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** State of a process's threads, by Linux' {@code /proc}. */
final class ProcessThreads {

  private ProcessThreads() {}

  /** Whether all threads have stopped after a SIGSTOP; always true on other systems than Linux. */
  static boolean areStopped(long pid) {
    Path threads = Path.of("/proc", Long.toString(pid), "task");
    if (!Files.isDirectory(threads)) {
      return true;
    }
    try (Stream<Path> all = Files.list(threads)) {
      return all.allMatch(ProcessThreads::isStopped);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isStopped(Path thread) {
    try {
      // The line is "id (name) state ...", and the name may contain brackets.
      String stat = Files.readString(thread.resolve("stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
    } catch (IOException e) {
      // The thread ended after it was listed.
      return true;
    }
  }
}
