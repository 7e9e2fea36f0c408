package io.exactlyonce.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/** Choice of the kind of backends, with its reason. */
record BackendsChoice(boolean containers, String reason) {

  static BackendsChoice of(String wish) {
    return switch (wish) {
      case "embedded", "containers" ->
          new BackendsChoice(wish.equals("containers"), "asked for by -Dbackends=" + wish);
      case "auto" -> auto();
      default ->
          throw new IllegalArgumentException(
              "-Dbackends=" + wish + " is none of auto, containers, embedded");
    };
  }

  Backends start() {
    Backends backends = containers ? startContainers() : EmbeddedBackends.start();
    String kind = containers ? "containers" : "embedded";
    System.out.printf("[backends] %s: %s (%s)%n", kind, backends.description(), reason);
    return backends;
  }

  private Backends startContainers() {
    try {
      return ContainerBackends.start();
    } catch (RuntimeException e) {
      // Often an image cannot be pulled. That is no reason to take embedded ones without being
      // asked.
      throw new IllegalStateException(
          "The containers did not start (" + reason + "); -Dbackends=embedded needs none", e);
    }
  }

  private static BackendsChoice auto() {
    // Testcontainers needs seconds to find out that there is no engine. Mostly a look at the
    // sockets is enough.
    if (System.getenv("DOCKER_HOST") == null && sockets().noneMatch(Files::exists)) {
      return new BackendsChoice(false, "no Docker engine: neither DOCKER_HOST nor a socket of one");
    }
    return ContainerBackends.engineAnswers()
        ? new BackendsChoice(true, "a Docker engine answers; -Dbackends=embedded does without")
        : new BackendsChoice(false, "DOCKER_HOST or a socket is there, but no engine answers");
  }

  private static Stream<Path> sockets() {
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    return Stream.of(
            Path.of("/var/run/docker.sock"),
            Path.of(System.getProperty("user.home"), ".docker", "run", "docker.sock"),
            runtime == null ? null : Path.of(runtime, "docker.sock"))
        .filter(Objects::nonNull);
  }
}
