package io.exactlyonce.bench;

import static io.exactlyonce.bench.Contestant.GUARDED;
import static io.exactlyonce.bench.Contestant.GUARDED_KILLED;
import static io.exactlyonce.bench.Contestant.MICRONAUT;
import static io.exactlyonce.bench.Contestant.PARALLEL;
import static io.exactlyonce.bench.Contestant.PER_POLL;
import static io.exactlyonce.bench.Contestant.PLAIN;
import static io.exactlyonce.bench.Contestant.SPRING;
import static io.exactlyonce.bench.Contestant.SPRING_SETNX;
import static io.exactlyonce.bench.Contestant.STREAMS;
import static io.exactlyonce.bench.Contestant.STREAMS_KV;
import static io.exactlyonce.bench.Contestant.STREAMS_KV_REPARTITION;
import static io.exactlyonce.bench.Contestant.STREAMS_OFTEN;
import static io.exactlyonce.bench.Contestant.STREAMS_WINDOW;
import static io.exactlyonce.bench.Contestant.UNGUARDED;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * Ours beside its peers on one broker, in turns: {@code mvn -Pbench [-Dshort=true]
 * [-Dworkloads=steady,guarded,throughput,latency,slow,sweep] [-Donly=NAME,...] [-Drounds=N]
 * [-Drecords=N] [-Dat-least=NAME[/NAME]:RATIO,...] [-Dours=SETTING:VALUE,...]}.
 *
 * <p>Contestants take turns within a round, because a machine's mood lasts longer than a run. Exit
 * status 1 where an output was missing, twice or out of order, or ours is below {@code at-least}.
 */
public final class Bench {
  /** Some 16 seconds of work for 64 handlers that take 5 ms each. */
  private static final long SLOW_RECORDS = 200_000;

  /** The plain loop, Kafka Streams and ours of each kind, where all take part. */
  private static final int WARMING = 4;

  /** Duplicates in a hundred records of a guarded workload. */
  private static final int DUPLICATES = 10;

  static final String SLOW = "handler 5 ms";

  private static final String TWO_WORKERS = "-2-workers";

  private final BenchOptions options = BenchOptions.of(System.getProperties());
  private final Report report =
      new Report(
          new Caption(LocalDate.now(ZoneOffset.UTC), Machine.describe(), System.getProperties()));

  private Bench() {}

  public static void main(String[] args) throws IOException {
    System.exit(new Bench().run());
  }

  private int run() throws IOException {
    Path dir = Files.createDirectories(Path.of("target", "bench").toAbsolutePath());
    try (Stage stage =
        new Stage(Files.createTempDirectory(dir, "run-"), options.jvm(), options.ours())) {
      if (options.runs("steady")) {
        steady(stage, "steady", 0, List.of(PLAIN, STREAMS, UNGUARDED, GUARDED));
      }
      if (options.runs("guarded")) {
        List<Contestant> field =
            List.of(
                PLAIN,
                GUARDED,
                STREAMS_KV,
                STREAMS_KV.each40(),
                STREAMS_WINDOW,
                STREAMS_WINDOW.each40(),
                STREAMS_KV_REPARTITION,
                STREAMS_KV_REPARTITION.each40(),
                SPRING_SETNX,
                GUARDED_KILLED);
        boolean isBrief = !options.everyone() && options.only().isEmpty();
        steady(stage, "guarded", DUPLICATES, isBrief ? field.subList(0, 3) : field);
      }
      if (options.runs("throughput")) {
        options.sizes().forEach(bytes -> throughput(stage, bytes));
      }
      if (options.runs("latency")) {
        latency(stage, 2_000);
        if (options.everyone()) {
          latency(stage, 20_000);
        }
      }
      if (options.runs("slow")) {
        slow(stage);
      }
      if (options.runs("sweep")) {
        new Sweep(stage, options, report::add).run();
      }
    }
    System.out.print(report.text());
    report.write(dir);
    System.out.println("\nAlso in " + dir + ": bench.json and the pictures");
    List<String> tooSlow = report.below(options.atLeast());
    tooSlow.forEach(line -> System.out.println("TOO SLOW  " + line));
    return report.isGood() && tooSlow.isEmpty() ? 0 : 1;
  }

  /** Warm, from a backlog that outlasts the run; the broker is warmed by two runs before. */
  private void steady(Stage stage, String kind, int duplicates, List<Contestant> field) {
    int bytes = options.sizes().get(0);
    String source = "in-" + kind;
    Load load = new Load(source, Load.PARTITIONS, options.backlog(), bytes, duplicates);
    Preload.fill(stage, load);
    String workload =
        size(bytes) + (duplicates > 0 ? ", " + duplicates + " % duplicates" : ", warm");
    List<Contestant> all = field.stream().filter(options::runs).toList();
    if (options.everyone()) {
      Race race = new Race(stage, workload, load, options.limit());
      all.stream().limit(2).forEach(contestant -> race.run(contestant, 0));
    }
    SteadyRace race = new SteadyRace(stage, kind, workload, load, options.pace());
    for (int round = 1; round <= options.rounds(); round++) {
      for (Contestant contestant : all) {
        SteadyResult result = race.run(contestant, round);
        System.out.println(Report.line(result.counted()));
        report.add(result);
      }
    }
    stage.drop(source);
  }

  private static String size(int valueBytes) {
    return valueBytes < 1024 ? valueBytes + " B" : valueBytes / 1024 + " KiB";
  }

  private void throughput(Stage stage, int valueBytes) {
    String workload = size(valueBytes);
    String source = "in-" + valueBytes;
    Load load = Load.of(source, options.recordsOf(valueBytes), valueBytes);
    Preload.fill(stage, load);
    Race race = new Race(stage, workload, load, options.limit());
    Map<String, String> two = Map.of("pipeline.workers", "2");
    List<Contestant> field =
        List.of(
            PLAIN,
            STREAMS,
            UNGUARDED,
            GUARDED,
            UNGUARDED.with(TWO_WORKERS, two),
            GUARDED.with(TWO_WORKERS, two),
            STREAMS_OFTEN,
            PER_POLL,
            SPRING,
            PARALLEL,
            MICRONAUT);
    rounds(race, options.everyone() ? field : field.subList(0, 4));
    stage.drop(source);
  }

  /** A handler that waits 5 ms, as for a remote call; 64 at a time, or one for each partition. */
  private void slow(Stage stage) {
    String source = "in-slow";
    Load load = Load.of(source, Math.min(SLOW_RECORDS, options.records()), 256);
    Preload.fill(stage, load);
    Race race = new Race(stage, SLOW, load, options.limit());
    Map<String, String> wait = Map.of("handler-millis", "5", "concurrency", "64");
    Map<String, String> keys = Map.of("pipeline.ordering", "key");
    Map<String, String> partitions =
        Map.of("pipeline.ordering", "partition", "ordering", "partition", "concurrency", "12");
    List<Contestant> field =
        List.of(
            GUARDED.with("-by-key", wait).with("", keys),
            PARALLEL.with("-by-key", wait),
            GUARDED.with("-by-partition", wait).with("", partitions),
            PARALLEL.with("-by-partition", wait).with("", partitions));
    rounds(race, options.everyone() ? field : field.subList(0, 2));
    stage.drop(source);
  }

  /**
   * The contestants' JVMs start anew for each run, the broker's is warm before anything counts: its
   * CPU time for a record halves within some five runs, and what it does for transactions a plain
   * loop does not warm up.
   */
  private void rounds(Race race, List<Contestant> field) {
    if (options.everyone()) {
      field.stream()
          .filter(options::runs)
          .limit(WARMING)
          .forEach(contestant -> race.run(contestant, 0));
    }
    for (int round = 1; round <= options.rounds(); round++) {
      for (Contestant contestant : field) {
        if (options.runs(contestant)) {
          Result result = race.run(contestant, round);
          System.out.println(Report.line(result));
          report.add(result);
        }
      }
    }
  }

  private void latency(Stage stage, int perSecond) {
    OpenLoop loop = new OpenLoop(stage, perSecond, options.warmUp(), options.latency());
    List<Contestant> all = List.of(GUARDED, STREAMS, UNGUARDED, STREAMS_OFTEN, SPRING, PARALLEL);
    List<Contestant> field = options.everyone() ? all : all.subList(0, 2);
    for (int round = 1; round <= Math.min(2, options.rounds()); round++) {
      for (Contestant contestant : field) {
        if (options.runs(contestant)) {
          LatencyResult result = loop.run(contestant, round);
          System.out.println(Report.line(result));
          report.add(result);
        }
      }
    }
  }
}
