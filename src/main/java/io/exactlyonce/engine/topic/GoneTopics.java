package io.exactlyonce.engine.topic;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the broker which topic ids it does not know any more. One request is under way at a time.
 * Calls made meanwhile share the next one, since its answer must be younger than they are; so many
 * workers cost as many requests as one.
 */
final class GoneTopics {
  /** One request to the broker. */
  private static final class Flight {
    final Set<Uuid> ids = new HashSet<>();
    final CompletableFuture<Set<Uuid>> gone = new CompletableFuture<>();
  }

  private final Admin admin;
  private final Duration timeout;
  private @Nullable Flight current;
  private @Nullable Flight next;

  GoneTopics(Admin admin, Duration timeout) {
    this.admin = admin;
    this.timeout = timeout;
  }

  /** As {@link TopicIds#gone}. */
  CompletableFuture<Set<Uuid>> among(Collection<Uuid> ids) {
    Set<Uuid> wanted = new HashSet<>(ids);
    wanted.remove(Uuid.ZERO_UUID);
    if (wanted.isEmpty()) {
      return CompletableFuture.completedFuture(Set.of());
    }
    Flight flight;
    boolean first;
    synchronized (this) {
      next = next == null ? new Flight() : next;
      flight = next;
      flight.ids.addAll(wanted);
      first = current == null;
      if (first) {
        current = next;
        next = null;
      }
    }
    if (first) {
      ask(flight);
    }
    return flight.gone.thenApply(
        gone -> wanted.stream().filter(gone::contains).collect(Collectors.toSet()));
  }

  private void ask(Flight flight) {
    Map<Uuid, KafkaFuture<TopicDescription>> asked;
    try {
      asked =
          admin
              .describeTopics(TopicCollection.ofTopicIds(flight.ids), bounded(timeout))
              .topicIdValues();
    } catch (RuntimeException e) { // the client is closed: callers would wait for ever
      land();
      flight.gone.completeExceptionally(e);
      return;
    }
    TopicIds.all(asked.values())
        .whenComplete(
            (done, failure) -> {
              land();
              try {
                Map<Uuid, TopicDescription> found = new HashMap<>();
                asked.forEach(
                    (id, answer) -> TopicIds.get(answer, UnknownTopicIdException.class, found, id));
                Set<Uuid> gone = new HashSet<>(flight.ids);
                gone.removeAll(found.keySet());
                flight.gone.complete(gone);
              } catch (CompletionException e) {
                flight.gone.completeExceptionally(e.getCause());
              }
            });
  }

  private void land() {
    Flight waiting;
    synchronized (this) {
      current = next;
      next = null;
      waiting = current;
    }
    if (waiting != null) {
      ask(waiting);
    }
  }

  static DescribeTopicsOptions bounded(Duration timeout) {
    return new DescribeTopicsOptions().timeoutMs(Math.toIntExact(timeout.toMillis()));
  }
}
