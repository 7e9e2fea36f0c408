package io.exactlyonce.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shell between us and a {@link ChildProcess}: it starts the child, says its pid and then does
 * nothing but read a pipe that we hold. However we end, by {@code kill -9} too, the pipe ends with
 * us, and the shell kills its child: also one that is stopped just then, which could not have
 * noticed by itself.
 *
 * <p>Ctrl-C, or a CI job's {@code kill -9} of a whole process group, must not reach the shell: its
 * point is to come last. So it gets a session of its own, with its child in it; whoever uses a
 * broker can then finish his work with it after a Ctrl-C. Where there is no {@code setsid}, as on
 * macOS, the traps keep the shell alive through all signals but SIGKILL. Whoever kills the shell
 * itself, as one does who kills a tree of processes, kills the child with it where the kernel and
 * {@code setpriv} can tie them together.
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
    // Nothing is left to read behind the pid, so the reader may take more than the line.
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
