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
 * Which exceptions say that what a (de)serializer asks is away, wherever among the causes they are.
 * What is not known to say so is the record's fault.
 *
 * @param further class names, subclasses included
 */
public record Outages(List<String> further) {
  /** No connection, or none that holds. */
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
   * Apicurio's own of its version 2, without their subclasses, which are answers about the schema:
   * the first is thrown for a connection that failed and for a status that says nothing of it.
   */
  private static final Set<String> OF_APICURIO =
      Set.of(
          "io.apicurio.registry.rest.client.exception.RestClientException",
          "io.apicurio.registry.rest.client.exception.RateLimitedClientException",
          "io.apicurio.rest.client.auth.exception.AuthException",
          "io.apicurio.rest.client.auth.exception.ForbiddenException",
          "io.apicurio.rest.client.auth.exception.NotAuthorizedException");

  private static final int MAX_CAUSES = 20;

  /** Class names of those that are known without being named. */
  static Set<String> known() {
    return Stream.concat(OF_THE_NETWORK.stream().map(Class::getName), OF_APICURIO.stream())
        .collect(Collectors.toSet());
  }

  /** The first of the causes that says so; null where none does. */
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
