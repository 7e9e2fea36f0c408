package io.exactlyonce.guard;

import io.exactlyonce.local.LocalRedis;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;

/**
 * What a claim costs, beside a pipelined SET NX GET PX of the same ids and positions in the same
 * run, in turns, on an embedded Redis. Then what a rebuild of as many claims takes.
 *
 * <p>{@code mvn -o -q test-compile exec:java -Dexec.classpathScope=test
 * -Dexec.mainClass=io.exactlyonce.guard.GuardFigures}
 */
public final class GuardFigures {
  private static final int CLAIMS = 400_000;
  private static final int POLL = 500;
  private static final int ROUNDS = 3;
  private static final Duration WINDOW = Duration.ofHours(24);
  private static final Uuid TOPIC = Uuid.randomUuid();

  /** Of one round of one way: Redis CPU and worker CPU per claim in us, bytes, calls per poll. */
  private record Cost(double redis, double worker, double bytes, double calls) {}

  /** A log that proves so many claims. */
  private record Log(int claims) implements ClaimLog {
    @Override
    public boolean isEmpty() {
      return claims == 0;
    }

    @Override
    public void fence() {}

    @Override
    public void replay(Sink sink) {
      ClaimKey keys = new ClaimKey();
      for (int i = 0; i < claims; i++) {
        sink.claim(keys.of(id(-1, i)), position(i));
      }
    }
  }

  private GuardFigures() {}

  public static void main(String[] args) throws Exception {
    try (LocalRedis server = LocalRedis.start();
        RedisConnections connections =
            new RedisConnections(RedisURI.create(server.uri()), Duration.ofSeconds(30))) {
      System.out.printf(
          "%,d claims of UUIDs, %d per poll%n%-10s %16s %16s %14s %14s%n",
          CLAIMS, POLL, "", "Redis us/claim", "worker us/claim", "bytes/claim", "calls/poll");
      for (int round = 0; round < ROUNDS; round++) {
        Cost set = measure(connections, round, false);
        Cost claim = measure(connections, round, true);
        print("SET NX GET", set);
        print("claim", claim);
        System.out.printf(
            Locale.ROOT,
            "ratio      %16.2f %16.2f %14.2f%n",
            claim.redis() / set.redis(),
            claim.worker() / set.worker(),
            claim.bytes() / set.bytes());
      }
      rebuild(connections);
    }
  }

  private static void print(String name, Cost cost) {
    System.out.printf(
        Locale.ROOT,
        "%-10s %16.2f %16.2f %14.0f %14.2f%n",
        name,
        cost.redis(),
        cost.worker(),
        cost.bytes(),
        cost.calls());
  }

  private static Cost measure(RedisConnections connections, int round, boolean guarded)
      throws ExecutionException, InterruptedException {
    try (GuardConnection connection = connections.open()) {
      connection.sync().flushall();
      GuardKeys keys = new GuardKeys("figures", WINDOW);
      GuardKeeper keeper = new GuardKeeper(connections::open, keys, new Log(0));
      keeper.establish();
      try (Guard guard =
          new RedisGuard(connections.open(), keys, keeper, Duration.ofSeconds(30), Runnable::run)) {
        guard.adopt();
        List<ClaimBatch> polls = polls(round);
        connection.sync().configResetstat();
        double memory = info(connection, "used_memory");
        double cpu = cpu(connection);
        double own = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (ClaimBatch poll : polls) {
          if (guarded) {
            guard.claim(poll).get();
          } else {
            set(connection, poll);
          }
        }
        own = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - own;
        cpu = cpu(connection) - cpu;
        double calls = calls(connection, guarded ? "evalsha" : "set");
        return new Cost(
            cpu * 1e6 / CLAIMS,
            own / 1e3 / CLAIMS,
            (info(connection, "used_memory") - memory) / CLAIMS,
            calls / polls.size());
      }
    }
  }

  private static void set(GuardConnection connection, ClaimBatch poll)
      throws ExecutionException, InterruptedException {
    SetArgs once = SetArgs.Builder.nx().px(WINDOW);
    List<CompletableFuture<byte[]>> answers = new ArrayList<>(poll.size());
    connection.connection().setAutoFlushCommands(false);
    for (int i = 0; i < poll.size(); i++) {
      answers.add(
          connection.async().setGet(poll.key(i), poll.position(i), once).toCompletableFuture());
    }
    connection.connection().flushCommands();
    connection.connection().setAutoFlushCommands(true);
    CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get();
  }

  private static void rebuild(RedisConnections connections) {
    try (GuardConnection connection = connections.open()) {
      connection.sync().flushall();
    }
    long began = System.nanoTime();
    long loaded =
        new GuardKeeper(connections::open, new GuardKeys("figures", WINDOW), new Log(1_000_000))
            .rebuild(count -> {});
    System.out.printf(
        Locale.ROOT,
        "%,d claims loaded into Redis in %.1f s, without reading the log%n",
        loaded,
        (System.nanoTime() - began) / 1e9);
  }

  private static List<ClaimBatch> polls(int round) {
    ClaimKey keys = new ClaimKey();
    List<ClaimBatch> polls = new ArrayList<>();
    for (int i = 0; i < CLAIMS; i++) {
      if (i % POLL == 0) {
        polls.add(new ClaimBatch());
      }
      polls.get(polls.size() - 1).add(keys.of(id(round, i)), position(i));
    }
    return polls;
  }

  private static byte[] id(int round, int i) {
    return new UUID(round, i * 0x9E3779B97F4A7C15L).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] position(int i) {
    return Position.encode(TOPIC, i % 12, 1_000_000_000L + i / 12);
  }

  private static double cpu(GuardConnection connection) {
    return info(connection, "used_cpu_user") + info(connection, "used_cpu_sys");
  }

  private static double calls(GuardConnection connection, String command) {
    return number(connection.sync().info("commandstats"), "cmdstat_" + command + ":calls=");
  }

  private static double info(GuardConnection connection, String field) {
    return number(connection.sync().info("all"), field + ":");
  }

  private static double number(String info, String before) {
    Matcher matcher = Pattern.compile(Pattern.quote(before) + "([\\d.]+)").matcher(info);
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
  }
}
