package io.exactlyonce.wiring.serde;

import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * Exceptions that show that a service which a (de)serializer asks is away, wherever they are in the
 * chain of causes. Any other exception is taken for the record's fault.
 *
 * @param further names of further such classes; their subclasses count too
 */
public record Outages(List<String> further) {
  /** Classes for a connection that cannot be made or breaks; their subclasses count too. */
  private static final Set<Class<? extends Exception>> OF_THE_NETWORK =
      Set.of(
          SocketException.class,
          SocketTimeoutException.class,
          UnknownHostException.class,
          UnresolvedAddressException.class,
          ClosedChannelException.class,
          HttpTimeoutException.class,
          SSLException.class,
          TimeoutException.class,
          RetriableException.class);

  /**
   * Classes of Apicurio's client, version 2. Their subclasses do not count, since those are answers
   * about the schema. The first is thrown for a failed connection, and for a status without such an
   * answer.
   */
  private static final Set<String> OF_APICURIO =
      Set.of(
          "io.apicurio.registry.rest.client.exception.RestClientException",
          "io.apicurio.registry.rest.client.exception.RateLimitedClientException",
          "io.apicurio.rest.client.auth.exception.AuthException",
          "io.apicurio.rest.client.auth.exception.ForbiddenException",
          "io.apicurio.rest.client.auth.exception.NotAuthorizedException");

  private static final int MAX_CAUSES = 20;

  /** Names of the classes that count without configuration. */
  static Set<String> known() {
    return Stream.concat(OF_THE_NETWORK.stream().map(Class::getName), OF_APICURIO.stream())
        .collect(Collectors.toSet());
  }

  /** The first in the chain of causes that shows an outage; null where none does. */
  @Nullable Throwable find(Throwable thrown) {
    @Nullable Throwable each = thrown;
    for (int i = 0; each != null && i < MAX_CAUSES; i++) {
      if (saysAway(each)) {
        return each;
      }
      each = each.getCause();
    }
    return null;
  }

  private boolean saysAway(Throwable thrown) {
    if (OF_APICURIO.contains(thrown.getClass().getName())) {
      return true;
    }
    for (Class<?> c = thrown.getClass(); c != null; c = c.getSuperclass()) {
      if (OF_THE_NETWORK.contains(c) || further.contains(c.getName())) {
        return true;
      }
    }
    return false;
  }
}
