package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.deadletter.LetterLookup;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.guard.ClaimLog;
import io.exactlyonce.guard.ClaimsState;
import io.exactlyonce.guard.EffectStore;
import io.exactlyonce.guard.EvictionException;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.guard.GuardLostException;
import io.exactlyonce.guard.ReplayGuard;
import io.exactlyonce.guard.redis.GuardConnection;
import io.exactlyonce.guard.redis.GuardKeeper;
import io.exactlyonce.guard.redis.GuardKeys;
import io.exactlyonce.guard.redis.RedisConnections;
import io.exactlyonce.guard.redis.RedisEffectStore;
import io.exactlyonce.guard.redis.RedisGuard;
import io.exactlyonce.guard.redis.RedisServers;
import io.exactlyonce.wiring.peer.BrokerCheck;
import io.exactlyonce.wiring.peer.Peers;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** One pipeline's guard in Redis: connections, keeper, and the check before the first claim. */
final class GuardParts implements Backend, AutoCloseable {
  private static final Duration LETTER_PATIENCE = Duration.ofSeconds(20);

  private final PipelineConfig config;
  private final RedisServers servers;
  private final RedisConnections connections;
  private final GuardKeys keys;
  private final ClaimLog log;
  private final GuardKeeper keeper;
  private final ExecutorService rebuilds;
  private final ExecutorService lookups;
  private final ExecutorService pings;
  private final LetterLookup letters;

  /** The probe's connection, opened by the first probe. For the probe's thread alone. */
  private @Nullable GuardConnection asked;

  GuardParts(ClientConfigs configs, RedisServers servers, ClaimLog log) {
    this.config = configs.config();
    BrokerCheck check = new BrokerCheck();
    this.letters = new LetterLookup(() -> letterReader(configs, check), LETTER_PATIENCE);
    this.servers = servers;
    this.connections = new RedisConnections(servers, config.guard().timeout());
    this.keys = new GuardKeys(config.group(), config.guard().window());
    this.log = log;
    this.keeper =
        new GuardKeeper(
            connections::open, keys, log, connections.address(), config.guard().timeout());
    this.rebuilds = thread("-guard");
    this.lookups = thread("-replays");
    this.pings = thread("-probe");
  }

  ClaimsState claims() {
    return keeper.state();
  }

  private static KafkaConsumer<byte[], byte[]> letterReader(
      ClientConfigs configs, BrokerCheck check) {
    Map<String, Object> settings = configs.reader();
    // A look-up's fetch is sent after the one before it has returned, which at the end of the topic
    // waits for this long.
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
    check.require(settings);
    return new KafkaConsumer<>(settings);
  }

  private ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, config.name() + name);
          thread.setDaemon(true);
          return thread;
        });
  }

  Guard guard(int worker) {
    Guard guard =
        new RedisGuard(connections.open(), keys, keeper, config.guard().timeout(), rebuilds);
    return new ReplayGuard(guard, letters, config.deadLetters(), config.group(), lookups);
  }

  EffectStore effects() {
    return new RedisEffectStore(connections::open, keys);
  }

  @Override
  public void check() {
    attempt(
        () -> {
          keeper.establish();
          return 0L;
        });
  }

  @Override
  public List<String> warnings() {
    return log.missing().isEmpty() ? List.of() : List.of(log.missing().toString());
  }

  @Override
  public String address() {
    return "Redis at " + connections.address();
  }

  /** Probes on a thread of its own, since connecting waits for Redis. */
  @Override
  public CompletionStage<?> ask() {
    return CompletableFuture.runAsync(this::ping, pings);
  }

  private void ping() {
    if (asked == null) {
      asked = connections.open();
    }
    // With a key of the group: in a cluster this asks the node that holds the claims.
    asked.sync().exists(keys.state());
  }

  /**
   * Rebuilds the claims.
   *
   * @return how many were loaded
   * @throws UnreachableException where Redis or Kafka does not answer, or another instance rebuilds
   */
  long rebuild(LongConsumer progress) {
    return attempt(() -> keeper.rebuild(progress));
  }

  private long attempt(LongSupplier work) {
    try {
      return work.getAsLong();
    } catch (EvictionException e) {
      throw new ConfigurationException(
          "redis maxmemory-policy",
          String.valueOf(e.getMessage()),
          "an evicted claim lets a duplicate through; set maxmemory-policy noeviction in Redis");
    } catch (RedisException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new UnreachableException(
          "waiting for Redis at "
              + connections.address()
              + ": "
              + Peers.notRedis(servers).orElse(cause.getMessage()),
          e);
    } catch (KafkaException e) {
      throw new UnreachableException(
          "waiting for Kafka to rebuild the guard: " + e.getMessage(), e);
    } catch (GuardLostException e) {
      throw new UnreachableException("waiting for the guard: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    rebuilds.shutdownNow();
    pings.shutdownNow();
    // A consumer is used by one thread only: the look-ups' thread is woken up, and closes it.
    letters.wakeUp();
    if (!lookups.isShutdown()) {
      lookups.execute(letters::close);
      lookups.shutdown();
    }
    connections.close();
  }
}
