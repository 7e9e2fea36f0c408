package io.exactlyonce.cli.common;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Where a command prints: its answer on standard output, and why there is none on standard error.
 * To be mixed into the command. Whatever is printed is flushed at once.
 */
@Command
public final class Console {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** For who prints much: it is flushed by the next {@link #print}. */
  public PrintWriter out() {
    return command.commandLine().getOut();
  }

  public PrintWriter err() {
    return command.commandLine().getErr();
  }

  public void print(String text) {
    out().print(text);
    out().flush();
  }

  public void println(String line) {
    out().println(line);
    out().flush();
  }

  /** Says on standard error, behind the command's name, what went wrong. */
  public void complain(@Nullable String what) {
    err().println(command.name() + ": " + what);
    err().flush();
  }

  /**
   * The same where the command ends by it.
   *
   * @return the status
   */
  public int refuse(@Nullable String why, int status) {
    complain(why);
    return status;
  }
}
