package io.exactlyonce.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Shell between this JVM and a {@link ChildProcess}: it starts the child, prints its pid and then
 * only reads a pipe that this JVM holds. However the JVM ends, by {@code kill -9} too, the pipe
 * ends with it, and the shell kills the child. This works for a child that is stopped just then,
 * too, which could not notice by itself.
 *
 * <p>The shell has to be the last to end, so Ctrl-C, or a CI job's {@code kill -9} of a whole
 * process group, must not reach it. It has a session of its own, with the child in it; after a
 * Ctrl-C this JVM can still finish its work with a broker. Where there is no {@code setsid}, as on
 * macOS, the traps keep the shell alive through all signals but SIGKILL. Where the shell itself is
 * killed, as with a whole tree of processes, the child dies with it if the kernel and {@code
 * setpriv} can tie them together.
 */
final class GuardShell {
  private static final String IN_OWN_SESSION = "exec $(command -v setsid) sh -c \"$0\" \"$@\"";
  private static final String GUARD =
      """
      trap : HUP INT TERM
      with=$(setpriv --pdeathsig KILL echo setpriv --pdeathsig KILL 2>/dev/null)
      $with "$@" </dev/null >>"$0" 2>&1 &
      echo $!
      (trap '' HUP INT TERM; exec cat) >/dev/null
      kill -KILL $! 2>/dev/null
      wait $! 2>/dev/null
      """;

  private GuardShell() {}

  static Process start(Path output, List<String> command) throws IOException {
    List<String> line =
        new ArrayList<>(List.of("sh", "-c", IN_OWN_SESSION, GUARD, output.toString()));
    line.addAll(command);
    return new ProcessBuilder(line)
        .directory(output.getParent().toFile())
        .redirectError(ProcessBuilder.Redirect.appendTo(output.toFile()))
        .start();
  }

  static ProcessHandle childOf(Process guard) throws IOException {
    // The pid is all that is printed, so the reader may buffer more than the line.
    var said =
        new BufferedReader(new InputStreamReader(guard.getInputStream(), StandardCharsets.UTF_8));
    String pid = said.readLine();
    if (pid == null) {
      throw new IOException("the shell ended before it had started the process");
    }
    return ProcessHandle.of(Long.parseLong(pid))
        .orElseThrow(() -> new IOException("the process ended at once"));
  }
}
