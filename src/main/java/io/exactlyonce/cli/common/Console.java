package io.exactlyonce.cli.common;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Output of a command, as a picocli mixin: results on standard output, errors on standard error.
 * Each method flushes what it prints.
 */
@Command
public final class Console {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Standard output, for long results; the next {@link #print} flushes it. */
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

  /** Prints an error on standard error, after the command's name. */
  public void complain(@Nullable String what) {
    err().println(command.name() + ": " + what);
    err().flush();
  }

  /**
   * Prints the error that ends the command.
   *
   * @return the exit status: {@code status}
   */
  public int refuse(@Nullable String why, int status) {
    complain(why);
    return status;
  }
}
