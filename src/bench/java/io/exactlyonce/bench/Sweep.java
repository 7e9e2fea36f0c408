package io.exactlyonce.bench;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Ours with its guard, as one thing after the other is changed and the rest stays as it is. */
record Sweep(Stage stage, BenchOptions options, Consumer<SweepPoint> points) {
  private static final Contestant OURS = Contestant.GUARDED;

  /** The pipeline's own, which may not be above the interval. */
  private static final int FLOOR_MILLIS = 10;

  void run() {
    for (int partitions : options.pick(List.of(1, 12, 48, 200))) {
      Load load = new Load("p-" + partitions, partitions, options.records(), 256, 0);
      measure("partitions", Integer.toString(partitions), load, OURS);
    }
    Load load = Load.of("plain", options.records(), 256);
    Preload.fill(stage, load);
    for (int workers : options.pick(List.of(1, 2, 4))) {
      race("workers", workers, load, Map.of("pipeline.workers", Integer.toString(workers)));
    }
    for (int millis : options.pick(List.of(10, 30, 100, 300, 1000))) {
      Map<String, String> settings =
          Map.of(
              "pipeline.commit-interval",
              millis + "ms",
              "pipeline.commit-floor",
              Math.min(millis, FLOOR_MILLIS) + "ms");
      race("commit interval, ms", millis, load, settings);
    }
    stage.drop(load.topic());
    for (int bytes : options.pick(List.of(100, 1024, 10 * 1024, 100 * 1024))) {
      Load sized = Load.of("b-" + bytes, options.recordsOf(bytes), bytes);
      measure("value, bytes", Integer.toString(bytes), sized, OURS);
    }
    for (int percent : options.pick(List.of(0, 5, 20, 50))) {
      Load repeated = new Load("d-" + percent, Stage.PARTITIONS, options.records(), 256, percent);
      measure("duplicates, %", Integer.toString(percent), repeated, OURS);
    }
  }

  private void measure(String dimension, String value, Load load, Contestant contestant) {
    Preload.fill(stage, load);
    race(dimension, value, load, contestant);
    stage.drop(load.topic());
  }

  private void race(String dimension, int value, Load load, Map<String, String> settings) {
    Contestant changed = OURS.with("-" + value, settings);
    race(dimension, Integer.toString(value), load, changed);
  }

  private void race(String dimension, String value, Load load, Contestant contestant) {
    Result result = new Race(stage, dimension, load, options.limit()).run(contestant, 1);
    System.out.println(value + " " + Report.line(result));
    points.accept(new SweepPoint(dimension, value, load.valueBytes(), result));
  }
}
