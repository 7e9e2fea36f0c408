package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Process that can be killed, stopped and continued. It never outlives this JVM: its {@link
 * GuardShell} kills it then.
 */
public final class ChildProcess implements AutoCloseable {
  private static final Duration STOP_BOUND = Duration.ofSeconds(10);

  private final Process guard;
  private final ProcessHandle child;

  private ChildProcess(Process guard, ProcessHandle child) {
    this.guard = guard;
    this.child = child;
  }

  /** Starts a command. Its output is appended to the given file, in whose directory it runs. */
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

  /** Sends SIGKILL, and returns when the process is gone. */
  public void kill() {
    child.destroyForcibly();
    try {
      guard.getOutputStream().close();
      guard.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      // SIGKILL was sent; only the wait is cut short.
      Thread.currentThread().interrupt();
    }
  }

  /** Sends SIGTERM only; a paused process receives it when it is resumed. */
  public void askToStop() {
    child.destroy();
  }

  /**
   * Sends SIGTERM, and SIGKILL where the process is not gone after the bound. True where SIGTERM
   * was enough.
   */
  public boolean terminate(Duration bound) {
    if (child.isAlive()) {
      child.destroy();
    }
    boolean gone = Await.within(bound, () -> !child.isAlive());
    kill();
    return gone;
  }

  /**
   * Sends SIGSTOP, and returns when all threads have stopped: the process is alive, connected and
   * silent, as in a long garbage collection.
   */
  public void pause() {
    signal("STOP");
    // On a busy machine threads run on for a moment, long enough to answer one more request.
    if (!Await.within(STOP_BOUND, () -> ProcessThreads.areStopped(pid()))) {
      throw new IllegalStateException("process " + pid() + " goes on after SIGSTOP");
    }
  }

  /** Sends SIGCONT. */
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
