package io.exactlyonce.template;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands of git in one folder.
 *
 * @param folder in a repository
 */
record Git(Path folder) {
  /** Result of a command. */
  record Ended(int status, String said) {}

  /**
   * Runs a command and returns its output.
   *
   * @throws Refused where it failed
   */
  String run(String... arguments) {
    Ended ended = attempt(arguments);
    if (ended.status() != 0) {
      throw new Refused("git " + String.join(" ", arguments) + " failed: " + ended.said());
    }
    return ended.said();
  }

  /**
   * Runs a command that may fail.
   *
   * @throws Refused where git cannot be started
   */
  Ended attempt(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    try {
      Process git =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ended(git.waitFor(), said.strip());
    } catch (IOException e) {
      throw new Refused("git cannot be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refused("interrupted while git ran");
    }
  }
}
