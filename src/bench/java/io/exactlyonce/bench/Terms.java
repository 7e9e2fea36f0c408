package io.exactlyonce.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a contestant is told: the same for all of them. Travels to its process as {@code key=value}
 * arguments.
 */
public record Terms(Map<String, String> values) {
  /** The name of the topic within, behind which the guard of a Kafka Streams application is. */
  public static final String REPARTITION = "repartition";

  /**
   * @param group consumer group, new for each run
   */
  static Terms of(
      String bootstrapServers, String redisUri, String source, String sink, String group) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("servers", bootstrapServers);
    values.put("redis", redisUri);
    values.put("source", source);
    values.put("sink", sink);
    values.put("group", group);
    return new Terms(values);
  }

  public static Terms parse(String[] args) {
    Map<String, String> values = new LinkedHashMap<>();
    Arrays.stream(args)
        .forEach(a -> values.put(a.substring(0, a.indexOf('=')), a.substring(a.indexOf('=') + 1)));
    return new Terms(values);
  }

  Terms with(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.putAll(more);
    return new Terms(all);
  }

  List<String> arguments() {
    return values.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }

  public String servers() {
    return values.get("servers");
  }

  public String redis() {
    return values.get("redis");
  }

  public String source() {
    return values.get("source");
  }

  public String sink() {
    return values.get("sink");
  }

  public String group() {
    return values.get("group");
  }

  /** What the handler waits for each record, as for a remote call; 0 is none. */
  public long handlerMillis() {
    return Long.parseLong(values.getOrDefault("handler-millis", "0"));
  }

  public int concurrency() {
    return Integer.parseInt(values.getOrDefault("concurrency", "1"));
  }

  public String get(String key, String otherwise) {
    return values.getOrDefault(key, otherwise);
  }
}
