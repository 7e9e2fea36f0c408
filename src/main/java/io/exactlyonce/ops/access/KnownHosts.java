package io.exactlyonce.ops.access;

import io.micronaut.context.annotation.Property;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The names that this server is called by: localhost, any plain address, and those that are
 * configured. A page elsewhere can point a name of its own to this server (DNS rebinding); its
 * requests then ask for that name. An address cannot be rebound: a browser that was sent there went
 * to this very server.
 */
@Singleton
final class KnownHosts {
  /** For whoever asked by another name. */
  static final String REMEDY =
      "the host of the request is not one that this server is known by; use localhost or an"
          + " address, or add its name to PIPELINE_ADMIN_HOSTS";

  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");

  private final Set<String> names;

  /**
   * @param names with commas in between, besides localhost and plain addresses
   */
  KnownHosts(@Nullable @Property(name = "pipeline.admin.hosts") String names) {
    this.names =
        Arrays.stream(names == null ? new String[0] : names.split(","))
            .map(name -> name.trim().toLowerCase(Locale.ROOT))
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet());
  }

  /** False too where the request names no host. */
  boolean areAskedBy(HttpRequest<?> request) {
    String header = request.getHeaders().get(HttpHeaders.HOST);
    String host = header == null ? "" : header.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
    return host.equals("localhost") || ADDRESS.matcher(host).matches() || names.contains(host);
  }
}
