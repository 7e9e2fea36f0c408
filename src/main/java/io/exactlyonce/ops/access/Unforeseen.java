package io.exactlyonce.ops.access;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers exceptions and errors of controllers, the application's too, that no handler for a
 * narrower type answers. Micronaut's answer would show the exception's message, which may contain a
 * value or an address; here only the log has it.
 */
@Singleton
final class Unforeseen implements ExceptionHandler<Throwable, HttpResponse<?>> {
  private static final Logger LOG = LoggerFactory.getLogger(Unforeseen.class);

  /** What the operating system says, through Netty, of such a connection. */
  private static final Pattern GONE =
      Pattern.compile("connection reset|broken pipe", Pattern.CASE_INSENSITIVE);

  @Override
  @SuppressWarnings("rawtypes") // as the interface declares it
  public HttpResponse<?> handle(HttpRequest request, Throwable thrown) {
    String path = RequestText.printable(request.getPath());
    if (isGone(thrown)) {
      LOG.debug("{} {}: the client has gone", request.getMethod(), path, thrown);
    } else {
      LOG.error("{} {} failed", request.getMethod(), path, thrown);
    }
    return HttpResponse.<HostFilter.Refusal>status(HttpStatus.INTERNAL_SERVER_ERROR)
        .body(new HostFilter.Refusal("internal error; the log of this instance has the exception"));
  }

  /** Whether the client has closed its connection, which is no fault of this server. */
  private static boolean isGone(Throwable thrown) {
    return thrown instanceof ClosedChannelException
        || thrown instanceof SocketException
        || (thrown instanceof IOException
            && GONE.matcher(String.valueOf(thrown.getMessage())).find());
  }
}
