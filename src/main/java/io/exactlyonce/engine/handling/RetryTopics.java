package io.exactlyonce.engine.handling;

import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.guard.RetryOrigin;
import java.time.Clock;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Retry topics, in their order: a failed record waits there without holding back others. */
public record RetryTopics(List<RetryTopic> topics, Clock clock) {

  public static RetryTopics none() {
    return new RetryTopics(List.of(), Clock.systemUTC());
  }

  /** The retry topic of that name; null where there is none. */
  public @Nullable RetryTopic find(String topic) {
    for (RetryTopic candidate : topics) {
      if (candidate.name().equals(topic)) {
        return candidate;
      }
    }
    return null;
  }

  /**
   * The record as it is sent to the next retry topic; null where there is no further one.
   *
   * @param calls of the handler since the record was read
   */
  @Nullable ProducerRecord<byte[], byte[]> next(FailedRecord subject, int calls) {
    RetryTopic here = find(subject.record().topic());
    int next = here == null ? 0 : topics.indexOf(here) + 1;
    if (next >= topics.size()) {
      return null;
    }
    RetryTopic to = topics.get(next);
    RetryOrigin from =
        subject.origin() == null
            ? RetryOrigin.of(subject.record(), subject.topicId())
            : subject.origin();
    RetryOrigin origin = from.after(calls, clock.millis() + to.delay().toMillis());
    return new ProducerRecord<>(
        to.name(),
        null,
        null,
        subject.record().key(),
        subject.record().value(),
        origin.mark(subject.record()));
  }
}
