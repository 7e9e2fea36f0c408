package io.exactlyonce.relay;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/**
 * The {@code application.yml} without its pipelines: configuration for specs of the engine,
 * whatever pipelines the application has.
 */
public final class EngineConfig {
  private EngineConfig() {}

  /**
   * The configuration as flat properties, for an application in this process that reads no file.
   */
  public static Map<String, Object> properties() {
    Map<String, Object> flat = new LinkedHashMap<>();
    flatten("", withoutPipelines(), flat);
    return flat;
  }

  /**
   * A folder with the configuration as {@code application.yml}, to be put first on the class path
   * of an application's process.
   */
  public static Path folder() {
    try {
      Path folder = Files.createDirectories(Path.of("target", "engine-config").toAbsolutePath());
      Path made = Files.createTempFile(folder, "application", ".part");
      Files.writeString(made, new Yaml().dump(withoutPipelines()));
      Files.move(
          made, folder.resolve("application.yml"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
      return folder;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("no file can be made below target", e);
    }
  }

  private static Map<String, Object> withoutPipelines() {
    try (InputStream file = Files.newInputStream(Path.of("src/main/resources/application.yml"))) {
      Map<String, Object> all = new Yaml().load(file);
      all.remove("pipelines");
      return all;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("specs run in the project's folder", e);
    }
  }

  private static void flatten(String prefix, Map<String, Object> map, Map<String, Object> flat) {
    map.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> nested) {
            Map<String, Object> inner = new LinkedHashMap<>();
            nested.forEach((name, each) -> inner.put(String.valueOf(name), each));
            flatten(prefix + key + ".", inner, flat);
          } else {
            flat.put(prefix + key, value);
          }
        });
  }
}
