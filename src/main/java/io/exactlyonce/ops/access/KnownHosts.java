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
 * Host names of this server: localhost, any IP address, and those that are configured. A page of
 * another origin can point a name of its own to this server (DNS rebinding), but its requests then
 * name that host. An address cannot be rebound: a browser that asks for it reaches this server and
 * no other.
 */
@Singleton
final class KnownHosts {
  /** Message for a request that names another host. */
  static final String REMEDY =
      "the host of the request is not one that this server is known by; use localhost or an"
          + " address, or add its name to PIPELINE_ADMIN_HOSTS";

  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");

  private final Set<String> names;

  /**
   * @param names separated by commas, in addition to localhost and addresses; null for none
   */
  KnownHosts(@Nullable @Property(name = "pipeline.admin.hosts") String names) {
    this.names =
        Arrays.stream(names == null ? new String[0] : names.split(","))
            .map(name -> name.trim().toLowerCase(Locale.ROOT))
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet());
  }

  /**
   * Whether the {@code Host} header of the request names this server; false where there is none.
   */
  boolean areAskedBy(HttpRequest<?> request) {
    String header = request.getHeaders().get(HttpHeaders.HOST);
    String host = header == null ? "" : header.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
    return host.equals("localhost") || ADDRESS.matcher(host).matches() || names.contains(host);
  }
}
