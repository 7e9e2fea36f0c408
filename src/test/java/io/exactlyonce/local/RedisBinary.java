package io.exactlyonce.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import redis.embedded.RedisExecProvider;

/**
 * The static redis-server of the embedded-redis jar or, with {@code -Dredis-server=PATH}, another
 * one on this machine.
 *
 * <p>The library itself does not serve: its provider leaves 6 MB in /tmp whenever the JVM is
 * killed, and its server does not reveal the pid of the process it starts.
 */
final class RedisBinary {

  private RedisBinary() {}

  static Path extractTo(Path dir) {
    String other = System.getProperty("redis-server", "");
    return other.isEmpty() ? extract(dir) : Path.of(other).toAbsolutePath();
  }

  private static Path extract(Path dir) {
    String resource = "/redis-server-" + RedisExecProvider.redisVersion + "-" + platform();
    Path binary = dir.resolve("redis-server");
    try (InputStream in = RedisExecProvider.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("No embedded Redis for this machine: " + resource);
      }
      Files.copy(in, binary, StandardCopyOption.REPLACE_EXISTING);
      if (!binary.toFile().setExecutable(true)) {
        throw new IllegalStateException("cannot make " + binary + " executable");
      }
      return binary;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String system = os.contains("mac") ? "darwin" : os.contains("linux") ? "linux" : os;
    String machine =
        switch (System.getProperty("os.arch")) {
          case "amd64", "x86_64" -> "amd64";
          case "aarch64", "arm64" -> "arm64";
          case "x86", "i386", "i686" -> "386";
          default -> System.getProperty("os.arch");
        };
    return system + "-" + machine;
  }
}
