package io.exactlyonce.engine;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.engine.handling.Batching;
import io.exactlyonce.engine.handling.EffectCalls;
import io.exactlyonce.engine.handling.EventReader;
import io.exactlyonce.engine.handling.FailurePolicy;
import io.exactlyonce.engine.handling.HandlerLimit;
import io.exactlyonce.engine.handling.OutputRecords;
import io.exactlyonce.engine.handling.RecordProcessor;
import io.exactlyonce.engine.handling.TracedHandling;
import io.exactlyonce.engine.spi.PipelineClients;
import io.exactlyonce.engine.spi.Tracing;
import io.exactlyonce.engine.spi.UserCode;
import io.exactlyonce.engine.status.LogFields;
import io.exactlyonce.engine.status.OldestRecord;
import io.exactlyonce.engine.status.OperatorDecision;
import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.PipelineState;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.engine.status.StoppedPartition;
import io.exactlyonce.engine.status.WorkerStatus;
import io.exactlyonce.engine.topic.TopicIds;
import io.exactlyonce.engine.topic.TopicLimits;
import io.exactlyonce.engine.worker.PipelineParts;
import io.exactlyonce.receipt.AdminLife;
import io.exactlyonce.receipt.BoundedClose;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipeline of this instance: waits for its backends, then keeps its workers running until it is
 * stopped. Its own thread supervises; every method may be called from any thread.
 */
public final class Pipeline implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
  private static final Duration BROKER_CALL = Duration.ofSeconds(5);

  private final PipelineConfig config;
  private final PipelineClients clients;
  private final TopicLimits limits;
  private final FailurePolicy failures;
  private final RecordProcessor<?> processor;
  private final ThreadFactory handlerThreads;
  private final Clock clock;
  private final Misconfigured misconfigured;
  private final PipelineCounters counters = new PipelineCounters();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final WorkerCount scale;
  private final OperatorControls controls;
  private final HandlerLimit handlerLimit;
  private final EffectCalls effects;
  private final BackendWait backends;
  private final Thread supervisor;

  private volatile PipelineState state = PipelineState.WAITING;
  private volatile Trouble trouble = Trouble.of("not started");
  private volatile @Nullable WorkerPool pool;

  /**
   * @param handlerThreads makes the threads that handlers run on: virtual ones where the JVM has
   *     them
   * @param misconfigured called once, where the pipeline cannot run as it is configured
   */
  public <I> Pipeline(
      PipelineConfig config,
      PipelineClients clients,
      UserCode<I> code,
      Tracing tracing,
      ThreadFactory handlerThreads,
      Clock clock,
      Misconfigured misconfigured) {
    this.config = config;
    this.clients = clients;
    this.handlerThreads = handlerThreads;
    this.clock = clock;
    this.misconfigured = misconfigured;
    this.scale = new WorkerCount(config);
    this.controls = new OperatorControls(config.name());
    int mostBytes = clients.maxRecordBytes();
    String handler = code.handler().getClass().getName();
    this.limits = new TopicLimits(mostBytes);
    this.failures = FailurePolicy.of(config, handler, limits, mostBytes, clock);
    this.handlerLimit = new HandlerLimit(config.name(), config.handlerLimits().timeout());
    this.effects =
        new EffectCalls(
            clients.effects(), config.effectsTimeout(), config.name(), counters, tracing);
    this.processor =
        new RecordProcessor<>(
            handlerLimit.on(code.handler()),
            Batching.of(code.handler(), handlerLimit::on, counters),
            new EventReader<>(code.input(), effects, config.codecs().tombstones()),
            new OutputRecords(
                code.output(), Set.copyOf(config.sinks()), config.headers(), mostBytes),
            failures,
            counters,
            new TracedHandling(tracing));
    this.backends =
        new BackendWait(
            config,
            clients,
            limits,
            BROKER_CALL,
            stopRequested,
            what -> become(PipelineState.WAITING, what));
    this.supervisor =
        new Thread(LogFields.of(config.name(), "", this::supervise), config.name() + "-supervisor");
  }

  public Pipeline start() {
    supervisor.start();
    return this;
  }

  private void supervise() {
    try {
      while (!runToEnd()) {
        LOG.warn(
            "{}: its admin client of Kafka has ended, by the error that the log shows; it starts"
                + " again",
            config.name());
        backends.postRestart();
      }
      become(PipelineState.STOPPED, "");
    } catch (ConfigurationException e) {
      become(PipelineState.FAILED, String.valueOf(e.getMessage()));
      LOG.error(
          "{} cannot run as it is configured and stays down: {}", config.name(), e.getMessage());
      misconfigured.accept(e, !backends.hadToWait());
    } catch (InterruptedException e) {
      become(PipelineState.STOPPED, "interrupted");
    } catch (RuntimeException | Error e) { // a bug: it must show
      LOG.error("{} ended", config.name(), e);
      become(PipelineState.FAILED, e.toString());
    }
  }

  /**
   * Runs the pipeline until a stop is requested. False where it has to start again, because its
   * admin client has ended and no probe would be answered any more.
   */
  private boolean runToEnd() throws InterruptedException {
    Admin admin = backends.await();
    if (admin == null) {
      return true;
    }
    TopicIds topicIds = new TopicIds(admin, BROKER_CALL);
    try (BoundedClose<Admin> closing = BoundedClose.of(admin);
        WorkerPool workers =
            new WorkerPool(
                new PipelineParts(config, clients, processor, topicIds, counters, limits, clock),
                controls,
                handlerThreads)) {
      pool = workers;
      become(PipelineState.RUNNING, "");
      AdminLife life = new AdminLife(closing.client());
      BackendProbes probes = BackendProbes.of(config, clients, closing.client(), topicIds, clock);
      workers.run(stopRequested, scale, () -> look(probes, life));
      boolean isStopping = stopRequested.getCount() == 0;
      become(
          isStopping ? PipelineState.STOPPING : PipelineState.WAITING,
          isStopping ? "" : "its admin client of Kafka has ended; it starts again");
      return isStopping;
    }
  }

  /** Runs the probes and flushes the failure log; false once the admin client has ended. */
  private boolean look(BackendProbes probes, AdminLife life) {
    long now = System.nanoTime();
    trouble = probes.look(now);
    failures.log().flush();
    return !life.hasEnded(now);
  }

  private void become(PipelineState next, String why) {
    become(next, Trouble.of(why));
  }

  private void become(PipelineState next, Trouble why) {
    trouble = why;
    state = next;
  }

  /**
   * Sets the wanted number of workers and returns at once. Workers too many commit what they have
   * finished and leave the group at once. A number above that of the source partitions is warned
   * of.
   *
   * @throws IllegalArgumentException where it is not from 1 to 256
   */
  public void scale(int workers) {
    scale.to(workers);
  }

  /** The wanted number of workers, which may not all run yet. */
  public int wantedWorkers() {
    return scale.wanted();
  }

  public OperatorControls controls() {
    return controls;
  }

  /**
   * Sets how many handlers each worker calls at once, and returns at once; no call is interrupted.
   *
   * @throws IllegalArgumentException where it is not from 1 to 10000
   */
  public void scaleConcurrency(int calls) {
    scale.concurrencyTo(calls);
  }

  /** The wanted number of handler calls at once of each worker. */
  public int wantedConcurrency() {
    return scale.concurrency();
  }

  public PipelineConfig config() {
    return config;
  }

  public PipelineCounters counters() {
    return counters;
  }

  public PipelineStatus status() {
    WorkerPool workers = pool;
    List<WorkerStatus> each = workers == null ? List.of() : workers.status();
    List<String> ofTopics = workers == null ? List.of() : workers.warnings();
    List<String> all =
        Stream.of(
                backends.warnings(), scale.warnings(), clients.guardBackend().warnings(), ofTopics)
            .flatMap(List::stream)
            .toList();
    Trouble now = trouble;
    return new PipelineStatus(
        config.name(),
        state,
        now.text(),
        now.ofGuard(),
        all,
        each,
        failures.remembered().parked().stops());
  }

  /**
   * The oldest unsent record of each partition that this instance's workers hold records of, as
   * each worker noted it after the previous call. Never waits; workers note nothing while it is not
   * called.
   */
  public List<OldestRecord> oldest() {
    WorkerPool workers = pool;
    return workers == null ? List.of() : workers.oldest();
  }

  /**
   * Decides about a record at which a partition is stopped, by {@code on-exhausted: stop}. The
   * partition goes on at once; a decision other than retry is committed with the record's offset.
   *
   * @param position as {@link StoppedPartition#position} shows it
   * @throws java.util.NoSuchElementException where no partition of this instance is stopped there
   */
  public void decide(String position, OperatorDecision decision) {
    failures.remembered().parked().decide(position, decision);
    failures.log().decided(position, decision);
  }

  /**
   * Ends the intake, commits what is finished and closes the clients, within {@code stop-timeout}.
   */
  @Override
  public void close() {
    stopRequested.countDown();
    try {
      supervisor.join(config.stopTimeout().toMillis());
      if (supervisor.isAlive()) {
        LOG.warn("{}: not stopped within stop-timeout; what is open is aborted", config.name());
        supervisor.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    handlerLimit.close();
    effects.close();
  }
}
