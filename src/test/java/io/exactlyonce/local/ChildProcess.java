package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A process that can be killed, stopped and continued, and that never outlives this JVM: its {@link
 * GuardShell} sees to that.
 */
public final class ChildProcess implements AutoCloseable {
  private static final Duration STOP_BOUND = Duration.ofSeconds(10);

  private final Process guard;
  private final ProcessHandle child;

  private ChildProcess(Process guard, ProcessHandle child) {
    this.guard = guard;
    this.child = child;
  }

  /** Starts a command in the directory of the file that its output is appended to. */
  public static ChildProcess start(Path output, List<String> command) {
    try {
      Process guard = GuardShell.start(output.toAbsolutePath(), command);
      try {
        return new ChildProcess(guard, GuardShell.childOf(guard));
      } catch (IOException e) {
        guard.destroyForcibly();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  public long pid() {
    return child.pid();
  }

  public boolean isAlive() {
    return child.isAlive();
  }

  /** SIGKILL, and returns when the process is gone. */
  public void kill() {
    child.destroyForcibly();
    try {
      guard.getOutputStream().close();
      guard.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      // It has its SIGKILL already; only the waiting is cut short.
      Thread.currentThread().interrupt();
    }
  }

  /** SIGTERM and no more; one that is paused gets it when it goes on. */
  public void askToStop() {
    child.destroy();
  }

  /** SIGTERM, then SIGKILL where it is not gone after the bound. True where it went by itself. */
  public boolean terminate(Duration bound) {
    if (child.isAlive()) {
      child.destroy();
    }
    boolean gone = Await.within(bound, () -> !child.isAlive());
    kill();
    return gone;
  }

  /** SIGSTOP: alive, connected and silent, as in a long collector pause. Returns when it is. */
  public void pause() {
    signal("STOP");
    // On a busy machine its threads go on for a moment, long enough to answer one more request.
    if (!Await.within(STOP_BOUND, () -> ProcessThreads.areStopped(pid()))) {
      throw new IllegalStateException("process " + pid() + " goes on after SIGSTOP");
    }
  }

  /** SIGCONT. */
  public void resume() {
    signal("CONT");
  }

  @Override
  public void close() {
    kill();
  }

  private void signal(String name) {
    try {
      int status =
          new ProcessBuilder("sh", "-c", "kill -s $0 $1", name, Long.toString(pid()))
              .start()
              .waitFor();
      if (status != 0) {
        throw new IllegalStateException("no process " + pid() + " to send SIG" + name + " to");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while sending SIG" + name, e);
    }
  }
}
