package io.exactlyonce.guard.redis;

import io.exactlyonce.guard.ClaimBatch;
import io.exactlyonce.guard.ClaimKey;
import io.exactlyonce.guard.ClaimLog;
import io.exactlyonce.guard.Guard;
import io.exactlyonce.guard.Position;
import io.exactlyonce.local.LocalRedis;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;

/**
 * Measures what a claim costs and, in turns in the same run, a pipelined SET NX GET PX of the same
 * ids and positions. Then measures how long it takes to load a million claims.
 *
 * <p>{@code mvn -q test-compile org.codehaus.mojo:exec-maven-plugin:3.6.4:java
 * -Dexec.classpathScope=test -Dexec.mainClass=io.exactlyonce.guard.redis.GuardFigures}, with {@code
 * -Dredis-server=PATH} for another build than the embedded one: the memory of a claim depends on
 * its allocator.
 */
public final class GuardFigures {
  private static final int CLAIMS = 400_000;
  private static final int POLL = 500;
  private static final int ROUNDS = 5;
  private static final int FIGURES = 5;
  private static final Duration WINDOW = Duration.ofHours(24);
  private static final Uuid TOPIC = Uuid.randomUuid();

  /**
   * Cost of one of the two: CPU per claim in us of Redis, of the worker's thread, and of the
   * worker's and the client's threads together; bytes per claim; calls per poll.
   */
  private record Cost(double redis, double worker, double client, double bytes, double calls) {
    double of(int figure) {
      return new double[] {redis, worker, client, bytes, calls}[figure];
    }

    static Cost median(List<Cost> rounds) {
      double[] middle = new double[FIGURES];
      for (int i = 0; i < FIGURES; i++) {
        int figure = i;
        middle[i] =
            rounds.stream().mapToDouble(c -> c.of(figure)).sorted().toArray()[rounds.size() / 2];
      }
      return new Cost(middle[0], middle[1], middle[2], middle[3], middle[4]);
    }
  }

  /** Claim log with a given number of claims. */
  private record Log(int claims) implements ClaimLog {
    @Override
    public boolean isEmpty() {
      return claims == 0;
    }

    @Override
    public String newest() {
      return "";
    }

    @Override
    public String announce(UnaryOperator<String> next) {
      return next.apply("");
    }

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
      try (GuardConnection connection = connections.open()) {
        System.out.printf(
            "%,d claims of UUIDs, %d per poll, Redis %s, %s; medians of %d rounds%n%-10s",
            CLAIMS,
            POLL,
            text(connection, "redis_version"),
            text(connection, "mem_allocator"),
            ROUNDS,
            "");
        System.out.printf(
            "%14s %14s %14s %14s %14s%n",
            "Redis us", "worker us", "and client us", "bytes", "calls");
      }
      List<Cost> sets = new ArrayList<>();
      List<Cost> claims = new ArrayList<>();
      for (int round = -1; round < ROUNDS; round++) {
        Cost set = measure(connections, round, false);
        Cost claim = measure(connections, round, true);
        if (round >= 0) { // the first warms up
          sets.add(set);
          claims.add(claim);
        }
      }
      Cost set = Cost.median(sets);
      Cost claim = Cost.median(claims);
      print("SET NX GET", set);
      print("claim", claim);
      System.out.printf(
          Locale.ROOT,
          "ratio      %14.2f %14.2f %14.2f %14.2f%n",
          claim.redis() / set.redis(),
          claim.worker() / set.worker(),
          claim.client() / set.client(),
          claim.bytes() / set.bytes());
      rebuild(connections);
    }
  }

  private static void print(String name, Cost cost) {
    System.out.printf(
        Locale.ROOT,
        "%-10s %14.2f %14.2f %14.2f %14.0f %14.2f%n",
        name,
        cost.redis(),
        cost.worker(),
        cost.client(),
        cost.bytes(),
        cost.calls());
  }

  private static Cost measure(RedisConnections connections, int round, boolean guarded)
      throws ExecutionException, InterruptedException {
    try (GuardConnection connection = connections.open()) {
      connection.sync().flushall();
      GuardKeys keys = new GuardKeys("figures", WINDOW);
      GuardKeeper keeper =
          new GuardKeeper(connections::open, keys, new Log(0), "redis", Duration.ofSeconds(2));
      keeper.establish();
      try (Guard guard =
          new RedisGuard(connections.open(), keys, keeper, Duration.ofSeconds(30), Runnable::run)) {
        guard.adopt();
        List<ClaimBatch> polls = polls(round);
        connection.sync().configResetstat();
        double memory = info(connection, "used_memory");
        double cpu = cpu(connection);
        double own = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        double client = clientCpu();
        for (ClaimBatch poll : polls) {
          if (guarded) {
            guard.claim(poll).get();
          } else {
            set(connection, poll);
          }
        }
        own = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - own;
        client = clientCpu() - client;
        cpu = cpu(connection) - cpu;
        double calls = calls(connection, guarded ? "evalsha" : "set");
        return new Cost(
            cpu * 1e6 / CLAIMS,
            own / 1e3 / CLAIMS,
            (own + client) / 1e3 / CLAIMS,
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
        new GuardKeeper(
                connections::open,
                new GuardKeys("figures", WINDOW),
                new Log(1_000_000),
                "redis",
                Duration.ofSeconds(2))
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

  /** CPU time of the threads that write to Redis and read from it, in ns. */
  private static double clientCpu() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
        .filter(thread -> thread != null && thread.getThreadName().startsWith("lettuce"))
        .mapToDouble(thread -> threads.getThreadCpuTime(thread.getThreadId()))
        .sum();
  }

  private static String text(GuardConnection connection, String field) {
    Matcher matcher =
        Pattern.compile(field + ":(\\S+)").matcher(connection.sync().info("everything"));
    return matcher.find() ? matcher.group(1) : "?";
  }

  private static double info(GuardConnection connection, String field) {
    return number(connection.sync().info("all"), field + ":");
  }

  private static double number(String info, String before) {
    Matcher matcher = Pattern.compile(Pattern.quote(before) + "([\\d.]+)").matcher(info);
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
  }
}
