package io.exactlyonce.local;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Names of images in docker/.env, which Compose, the Dockerfile and the specs share. */
public final class ImageNames {
  private static final Path FILE = Path.of("docker", ".env");

  private ImageNames() {}

  /** The image of a variable, as Compose reads it: the environment wins over the file. */
  public static String get(String variable) {
    String environment = System.getenv(variable);
    String name = environment == null ? all().getProperty(variable) : environment;
    if (name == null) {
      throw new IllegalArgumentException(FILE + " has no " + variable + "; add it there");
    }
    return name;
  }

  public static Properties all() {
    Properties names = new Properties();
    try (Reader reader = Files.newBufferedReader(FILE)) {
      names.load(reader);
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + " cannot be read; run from the project's root", e);
    }
  }
}
