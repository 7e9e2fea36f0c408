package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The services of docker/compose.yml, under a project name and ports of their own, on the engine
 * that the environment names.
 */
public final class Compose implements AutoCloseable {
  private static final Duration BOUND = Duration.ofMinutes(6);

  private final String project;
  private final List<String> files;
  private final Map<String, String> environment = new TreeMap<>();
  private final Path output;

  /**
   * @param files below docker/, each overriding those before it
   * @param output directory for the commands' output
   */
  public Compose(String project, List<String> files, Map<String, String> environment, Path output) {
    this.project = project;
    this.files = files;
    this.environment.putAll(environment);
    this.output = output;
  }

  public String project() {
    return project;
  }

  /** Runs {@code docker compose ...} and returns its standard output; throws where it fails. */
  public String run(String... arguments) {
    return await(compose(arguments));
  }

  /** Runs {@code docker ...} likewise. */
  public String docker(String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    return await(command);
  }

  /**
   * Starts {@code docker compose ...} and leaves it running, with its output in {@code <name>.log}.
   */
  public ChildProcess start(String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of("env"));
    environment.forEach((key, value) -> command.add(key + "=" + value));
    command.addAll(compose(arguments));
    return ChildProcess.start(output.resolve(name + ".log"), command);
  }

  /** The name of a service's container, such as project-more-1. */
  public String container(String service, int number) {
    return project + "-" + service + "-" + number;
  }

  /** A property of a container, by a template of docker inspect. */
  public String inspect(String container, String template) {
    return docker("inspect", "--format", template, container).strip();
  }

  @Override
  public void close() {
    run("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "5");
  }

  private List<String> compose(String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker", "compose", "--project-name", project));
    files.forEach(
        file ->
            command.addAll(List.of("--file", Path.of("docker", file).toAbsolutePath().toString())));
    command.addAll(List.of(arguments));
    return command;
  }

  private String await(List<String> command) {
    Path printed = output.resolve("compose.out");
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      builder.redirectOutput(printed.toFile());
      builder.redirectError(ProcessBuilder.Redirect.appendTo(output.resolve("err.log").toFile()));
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(command + " is not done within " + BOUND);
      }
      String text = Files.readString(printed, StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        throw new IllegalStateException(
            command + " ended with " + process.exitValue() + ", see " + output + ": " + text);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in " + command, e);
    }
  }
}
