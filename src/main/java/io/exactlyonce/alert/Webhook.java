package io.exactlyonce.alert;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts messages to an address, one after the other, on a thread of its own. A receiver that is
 * down, slow or answers nonsense never delays a caller of {@link #post}: messages wait in a queue,
 * and one that finds it full is dropped, counted and logged. The address is a secret and is never
 * logged.
 */
public final class Webhook implements AutoCloseable {
  /** Limit of messages that wait. */
  static final int QUEUE = 100;

  /** Bound of one attempt, its answer's body included. */
  static final Duration TIME_LIMIT = Duration.ofSeconds(3);

  /** Attempts after the first one. */
  static final int RETRIES = 5;

  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
  private static final Duration CLOSE_BOUND = Duration.ofSeconds(1);

  private final URI address;
  private final Function<AlertMessage, String> body;
  private final Duration firstWait;
  private final HttpClient client;
  private final BlockingQueue<AlertMessage> queue = new ArrayBlockingQueue<>(QUEUE);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final LongAdder failed = new LongAdder();
  private final Thread thread = new Thread(this::run, "alert-webhook");

  /**
   * @param body the message as JSON
   * @param firstWait before the first retry; it doubles with each further one
   */
  public Webhook(URI address, Function<AlertMessage, String> body, Duration firstWait) {
    this.address = address;
    this.body = body;
    this.firstWait = firstWait;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIME_LIMIT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    thread.setDaemon(true);
    thread.start();
  }

  /** Queues a message; never waits. */
  public void post(AlertMessage message) {
    if (!queue.offer(message)) {
      failed.increment();
      LOG.warn("the webhook's queue of {} messages is full; not sent: {}", QUEUE, message.text());
    }
  }

  /** Messages that were given up or found no room, since the start. */
  public long failed() {
    return failed.sum();
  }

  private void run() {
    try {
      while (closed.getCount() > 0) {
        deliver(queue.take());
      }
    } catch (InterruptedException e) {
      LOG.debug("the webhook's thread was interrupted, as its close does");
    }
  }

  private void deliver(AlertMessage message) throws InterruptedException {
    String why = "";
    for (int attempt = 0; attempt <= RETRIES; attempt++) {
      if (attempt > 0
          && closed.await(firstWait.toMillis() << (attempt - 1), TimeUnit.MILLISECONDS)) {
        return;
      }
      why = attempt(message);
      if (why.isEmpty()) {
        return;
      }
    }
    failed.increment();
    LOG.warn(
        "the webhook did not take a message at {} attempts: {}; not sent: {}",
        RETRIES + 1,
        why,
        message.text());
  }

  /** Posts a message once; returns why it was not taken, empty where it was. */
  private String attempt(AlertMessage message) throws InterruptedException {
    CompletableFuture<HttpResponse<Void>> answer = null;
    try {
      HttpRequest request =
          HttpRequest.newBuilder(address)
              .timeout(TIME_LIMIT)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body.apply(message)))
              .build();
      answer = client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
      // The request's own time-out covers the headers only, and a body may never end.
      int status = answer.get(TIME_LIMIT.toMillis(), TimeUnit.MILLISECONDS).statusCode();
      return status / 100 == 2 ? "" : "it answered with status " + status;
    } catch (ExecutionException e) {
      return requireNonNull(e.getCause()).getClass().getSimpleName();
    } catch (TimeoutException e) {
      return "it did not answer within " + TIME_LIMIT.toSeconds() + " s";
    } catch (RuntimeException e) { // must not end the thread; its message may hold the address
      return e.getClass().getSimpleName();
    } finally {
      if (answer != null) {
        answer.cancel(true);
      }
    }
  }

  /** Ends the thread; queued messages are not sent. Returns within a second. */
  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    try {
      thread.join(CLOSE_BOUND.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
