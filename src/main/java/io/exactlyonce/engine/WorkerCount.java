package io.exactlyonce.engine;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.start.IdleWorkers;
import io.exactlyonce.engine.start.StartWarning;
import java.util.List;
import java.util.function.IntSupplier;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wanted number of workers of this instance, and of handler calls at once of each. Any thread
 * may set them; the supervisor's thread checks and applies them.
 */
final class WorkerCount {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerCount.class);
  private static final int MOST = 256;
  private static final int MOST_CONCURRENCY = 10_000;

  private final PipelineConfig config;
  private volatile int wanted;
  private volatile int concurrency;
  private volatile List<String> warnings = List.of();

  /** The number of workers that was checked last; 0 before the first check. */
  private int judged;

  WorkerCount(PipelineConfig config) {
    this.config = config;
    this.wanted = config.workers();
    this.concurrency = config.concurrency();
  }

  void to(int workers) {
    if (workers < 1 || workers > MOST) {
      throw new IllegalArgumentException(
          config.key("workers") + " = " + workers + ": must be from 1 to " + MOST);
    }
    wanted = workers;
  }

  int wanted() {
    return wanted;
  }

  void concurrencyTo(int calls) {
    if (calls < 1 || calls > MOST_CONCURRENCY) {
      throw new IllegalArgumentException(
          config.key("concurrency") + " = " + calls + ": must be from 1 to " + MOST_CONCURRENCY);
    }
    concurrency = calls;
  }

  int concurrency() {
    return concurrency;
  }

  /**
   * Warns once of each wanted number of workers that is larger than the number of partitions.
   *
   * @param partitions counts the source partitions; may wait for a broker, and throw a {@link
   *     KafkaException}
   */
  void maybeJudge(IntSupplier partitions) {
    int workers = wanted;
    if (workers == judged) {
      return;
    }
    judged = workers;
    try {
      warnings =
          IdleWorkers.find(config, workers, partitions.getAsInt()).stream()
              .map(StartWarning::text)
              .toList();
      warnings.forEach(LOG::warn);
    } catch (KafkaException e) { // the warning is not worth another request
      LOG.info(
          "{}: cannot count the source partitions, so there is no warning of idle workers: {}",
          config.name(),
          e.toString());
    }
  }

  List<String> warnings() {
    return warnings;
  }
}
