package io.exactlyonce.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Apicurio's registry as a process, unpacked from its release. Its data is in a file, so that it
 * can be killed and come back.
 */
public final class ApicurioServer implements AutoCloseable {
  /**
   * System property with the path of the release. Maven's profile {@code all} sets it, and
   * downloads the release.
   */
  private static final String ARCHIVE = "apicurio.archive";

  private static final Duration BOUND = Duration.ofSeconds(120);

  private final int port = LocalPorts.free(1).get(0);
  private final Path dir = Path.of("target", "apicurio", UUID.randomUUID().toString());
  private final Path home;
  private ChildProcess process;

  public ApicurioServer() {
    home = unpacked();
    start();
  }

  public String url() {
    return "http://127.0.0.1:" + port + "/apis/registry/v2";
  }

  private static Path unpacked() {
    String archive = System.getProperty(ARCHIVE);
    if (archive == null) {
      throw new IllegalStateException("Apicurio's release is not here: run mvn with -Pall");
    }
    Path home = Path.of("target", "apicurio", Path.of(archive).getFileName().toString());
    try {
      Files.createDirectories(home);
      Process tar =
          new ProcessBuilder("tar", "xzf", archive, "-C", home.toString()).inheritIO().start();
      if (tar.waitFor() != 0) {
        throw new IllegalStateException(archive + " cannot be unpacked");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while unpacking " + archive, e);
    }
    return home.toAbsolutePath();
  }

  /** Starts it, at the same port and with the same schemas each time. Returns when it answers. */
  public void start() {
    try {
      Files.createDirectories(dir);
      Path jar;
      try (var files = Files.list(home)) {
        jar = files.filter(file -> file.toString().endsWith("-runner.jar")).findFirst().get();
      }
      String database = dir.toAbsolutePath().resolve("schemas").toString();
      process =
          ChildProcess.start(
              dir.resolve("registry.log"),
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Dquarkus.http.host=127.0.0.1",
                  "-Dquarkus.http.port=" + port,
                  "-Dquarkus.datasource.jdbc.initial-size=1",
                  "-Dquarkus.datasource.jdbc.min-size=1",
                  "-DREGISTRY_DATASOURCE_URL=jdbc:h2:file:"
                      + database
                      + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE",
                  "-jar",
                  jar.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!Await.within(BOUND, this::answers)) {
      throw new IllegalStateException("no answer from the registry; see " + dir);
    }
  }

  private boolean answers() {
    HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    HttpRequest question =
        HttpRequest.newBuilder(URI.create(url() + "/system/info"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return client.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Sends SIGKILL. */
  public void kill() {
    process.kill();
  }

  /** Sends SIGSTOP: it then accepts connections and answers none. */
  public void pause() {
    process.pause();
  }

  /** Sends SIGCONT. */
  public void resume() {
    process.resume();
  }

  @Override
  public void close() {
    process.close();
  }
}
