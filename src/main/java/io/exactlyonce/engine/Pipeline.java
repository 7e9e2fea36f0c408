package io.exactlyonce.engine;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.deadletter.DeadLetters;
import io.exactlyonce.handler.BatchHandler;
import io.exactlyonce.handler.Handler;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipeline of this instance: waits for its backends, then keeps its workers running until it is
 * stopped. Its own thread supervises; every method may be called from any thread.
 */
public final class Pipeline implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
  private static final Duration BROKER_CALL = Duration.ofSeconds(5);
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(1);

  private final PipelineConfig config;
  private final Clients clients;
  private final TopicLimits limits;
  private final Failures failures;
  private final RecordProcessor<?> processor;
  private final ThreadFactory handlerThreads;
  private final Clock clock;
  private final Backend guardBackend;
  private final Consumer<RuntimeException> onFatal;
  private final PipelineCounters counters = new PipelineCounters();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final Scale scale;
  private final HandlerLimit handlerLimit;
  private final EffectCalls effects;
  private final InstanceCheck instanceCheck;
  private final Thread supervisor;
  private volatile PipelineState state = PipelineState.WAITING;
  private volatile String trouble = "not started";
  private volatile WorkerPool pool;
  private volatile List<String> warnings = List.of();

  /**
   * @param handlerThreads makes the threads that handlers run on: virtual ones where the JVM has
   *     them
   * @param guardBackend what must answer before the first claim
   * @param onFatal told once, where the pipeline cannot run as it is configured
   */
  public <I> Pipeline(
      PipelineConfig config,
      Clients clients,
      Handler<I> handler,
      InputCodec<I> input,
      OutputCodec output,
      int mostOutputBytes,
      ThreadFactory handlerThreads,
      Clock clock,
      Backend guardBackend,
      Consumer<RuntimeException> onFatal) {
    this.config = config;
    this.clients = clients;
    this.handlerThreads = handlerThreads;
    this.clock = clock;
    this.guardBackend = guardBackend;
    this.onFatal = onFatal;
    this.scale = new Scale(config);
    this.limits = new TopicLimits(mostOutputBytes);
    this.failures =
        new Failures(
            new RetryPolicy(config.retry(), new Random()),
            new DeadLetters(
                config.deadLetters(),
                config.group(),
                handler.getClass().getName(),
                mostOutputBytes,
                clock),
            new Delays(config.retry().topics(), clock),
            new Holds(),
            new Condemned(limits),
            mostOutputBytes,
            clock);
    this.handlerLimit = new HandlerLimit(config.name(), config.handlerLimits().timeout());
    this.effects = new EffectCalls(clients.effects(), config.effectsTimeout(), config.name());
    this.processor =
        new RecordProcessor<>(
            handlerLimit.on(handler),
            batching(handler),
            effects,
            input,
            output,
            Set.copyOf(config.sinks()),
            config.headers(),
            mostOutputBytes,
            failures,
            counters);
    this.instanceCheck = new InstanceCheck(config, clients.sessionTimeout(), BROKER_CALL);
    this.supervisor = new Thread(this::supervise, config.name() + "-supervisor");
  }

  private <I> Batching<I> batching(Handler<I> handler) {
    return handler instanceof BatchHandler<I> batch
        ? new Batching<>(batch, Batching.size(handler), handlerLimit::on, counters)
        : null;
  }

  public Pipeline start() {
    supervisor.start();
    return this;
  }

  private void supervise() {
    try (Admin admin = awaitBackends()) {
      if (admin != null) {
        try (WorkerPool workers = newPool(admin)) {
          pool = workers;
          become(PipelineState.RUNNING, "");
          workers.run(stopRequested, scale);
          become(PipelineState.STOPPING, "");
        }
      }
      become(PipelineState.STOPPED, "");
    } catch (ConfigurationException e) {
      become(PipelineState.FAILED, e.getMessage());
      onFatal.accept(e);
    } catch (InterruptedException e) {
      become(PipelineState.STOPPED, "interrupted");
    } catch (RuntimeException | Error e) { // not foreseen: it must be seen
      LOG.error("{} ended", config.name(), e);
      become(PipelineState.FAILED, e.toString());
    }
  }

  private WorkerPool newPool(Admin admin) {
    return new WorkerPool(
        config,
        clients,
        processor,
        new TopicIds(admin, BROKER_CALL),
        counters,
        limits,
        handlerThreads,
        clock);
  }

  /**
   * Tries until everything answers, and says once what it waits for.
   *
   * @return null where the pipeline was stopped meanwhile
   * @throws ConfigurationException where waiting cannot help
   */
  private Admin awaitBackends() throws InterruptedException {
    while (stopRequested.getCount() > 0) {
      Admin admin = null;
      try {
        admin = clients.admin();
        warn(new StartChecks(config, admin, BROKER_CALL).run(limits));
        guardBackend.check();
        instanceCheck.run(admin);
        return admin;
      } catch (ConfigurationException | InterruptedException e) {
        closeQuietly(admin);
        throw e;
      } catch (Exception e) { // unreachable, not yet resolvable, not yet elected: all of it passes
        closeQuietly(admin);
        if (!(e instanceof Backend.UnreachableException)) {
          instanceCheck.postOutage();
        }
        waitFor(e);
      }
      if (stopRequested.await(BETWEEN_ATTEMPTS.toMillis(), TimeUnit.MILLISECONDS)) {
        return null;
      }
    }
    return null;
  }

  /** Says each once, however often the backends have to be waited for. */
  private void warn(List<Concern> concerns) {
    List<String> texts = concerns.stream().map(Concern::text).toList();
    texts.stream()
        .filter(text -> !warnings.contains(text))
        .forEach(text -> LOG.warn("{}: {}", config.name(), text));
    warnings = texts;
  }

  private void waitFor(Exception e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String what =
        e instanceof Backend.UnreachableException
            ? e.getMessage()
            : "waiting for Kafka: " + (cause.getMessage() == null ? cause : cause.getMessage());
    if (!what.equals(trouble)) {
      LOG.warn("{}: {}", config.name(), what);
    }
    become(PipelineState.WAITING, what);
  }

  private static void closeQuietly(Admin admin) {
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }

  private void become(PipelineState next, String why) {
    trouble = why;
    state = next;
  }

  /**
   * Has so many workers run from now on, without waiting for it. One that is too many commits what
   * it has finished and leaves the group at once; more than can be busy are warned of.
   *
   * @throws IllegalArgumentException where it is not from 1 to 256
   */
  public void scale(int workers) {
    scale.to(workers);
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
    List<String> all = Stream.concat(warnings.stream(), scale.warnings().stream()).toList();
    return new PipelineStatus(config.name(), state, trouble, all, each, failures.holds().stops());
  }

  /**
   * Says what to do with a record at which a partition stands, by {@code on-exhausted: stop}. It
   * takes effect at once; what was decided is committed with the record's offset.
   *
   * @param position as {@link Stop#position} says it
   * @throws java.util.NoSuchElementException where no partition of this instance stands there
   */
  public void decide(String position, Decision decision) {
    failures.holds().decide(position, decision);
    LOG.info("{}: {}: an operator decided {}", config.name(), position, decision.verb().text());
  }

  /** Ends intake, commits what is finished, closes the clients; returns within the stop bound. */
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
