package io.exactlyonce.torture;

import io.exactlyonce.local.ChildProcess;
import io.exactlyonce.torture.TortureWorker.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Course of a {@link Trial}: one event, at the moment at which a planted bug shows. */
enum Scene {
  /** No course: the bug shows in other specs. */
  NONE {
    @Override
    void play(Trial trial) {
      throw new IllegalStateException("there is nothing to play");
    }
  },

  /** Copies of events in another partition, at the same offset, read in one poll. */
  COPIES {
    @Override
    void play(Trial trial) {
      List<Trial.Made> all = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        all.add(trial.made(0, 2 * i, Mode.PLAIN));
        all.add(trial.made(1, 2 * i, Mode.PLAIN));
        all.add(trial.made(2, 2 * i + 1, Mode.PLAIN));
      }
      trial.send(all);
      trial.start("a", Map.of());
    }
  },

  /** An instance is paused for longer than its session while it has a transaction open. */
  OUTSLEPT {
    @Override
    void play(Trial trial) {
      outsleep(trial, false);
    }
  },

  /** As OUTSLEPT, and the instance is told to stop before it is resumed. */
  OUTSLEPT_STOP {
    @Override
    void play(Trial trial) {
      outsleep(trial, true);
    }
  },

  /**
   * Another instance comes while a transaction is open, which does not end: more records wait
   * behind a handler that stands than it has in it.
   */
  REBALANCED {
    @Override
    void play(Trial trial) {
      Map<String, String> settings = new TreeMap<>(LONG);
      settings.put("concurrency", "3");
      ChildProcess a = trial.start(TortureWorker.STANDING, settings);
      trial.awaitShared(TortureWorker.STANDING);
      List<Trial.Made> all = new ArrayList<>();
      int number = 0;
      for (int partition = 0; partition < 3; partition++) {
        all.add(trial.made(partition, number++, Mode.PLAIN));
        all.add(trial.made(partition, number++, Mode.STANDS));
        all.add(trial.made(partition, number++, Mode.PLAIN));
        all.add(trial.made(partition, number++, Mode.PLAIN));
      }
      trial.send(all);
      trial.awaitSentOut(3);
      trial.start("b", settings);
      trial.awaitShared(TortureWorker.STANDING, "b");
      a.askToStop();
    }
  },

  /**
   * Redis is emptied while a paused instance holds an event that it has claimed; the event's copy
   * goes to another instance.
   */
  EMPTIED {
    @Override
    void play(Trial trial) {
      ChildProcess a = trial.start("a", Map.of());
      trial.start("b", Map.of());
      Map<String, List<Integer>> shares = trial.awaitShared("a", "b");
      int ofA = shares.get("a").get(0);
      int ofB = shares.get("b").get(0);
      trial.send(List.of(trial.made(ofA, 10, Mode.PLAIN), trial.made(ofB, 11, Mode.PLAIN)));
      trial.awaitDrained();
      trial.send(
          List.of(
              trial.made(ofA, 2, Mode.PLAIN),
              trial.made(ofA, 0, Mode.LINGERS),
              trial.made(ofA, 1, Mode.PLAIN)));
      // The plain one's output shows that the answer to the claims of all three is with it.
      trial.awaitSentOut(3);
      a.pause();
      trial.emptyRedis();
      trial.send(List.of(trial.made(ofB, 0, Mode.PLAIN)));
      trial.maybeAwaitCommitted(ofB, 2);
      a.resume();
      trial.awaitDrained();
      // Skipped records show in the receipts only once a later record is committed.
      trial.send(List.of(trial.made(ofA, 12, Mode.PLAIN), trial.made(ofB, 13, Mode.PLAIN)));
    }
  },

  /** The source is deleted and recreated, and gets the same events at the same offsets. */
  MADE_ANEW {
    @Override
    void play(Trial trial) {
      trial.start("a", Map.of());
      trial.send(twenty(trial, 0));
      trial.awaitDrained();
      trial.remakeSource();
      trial.send(twenty(trial, 0));
      trial.send(twenty(trial, 20));
    }
  };

  /** Transactions that end once fewer records wait than they have, and not before. */
  private static final Map<String, String> LONG = Map.of("commit-interval", "5m");

  abstract void play(Trial trial);

  static List<Scene> played() {
    return Arrays.stream(values()).filter(scene -> scene != NONE).toList();
  }

  private static void outsleep(Trial trial, boolean isStopped) {
    Map<String, String> settings = new TreeMap<>(LONG);
    settings.put("consumer.session.timeout.ms", "6000");
    ChildProcess a = trial.start("a", settings);
    trial.awaitShared("a");
    // The slow records keep the transaction open that has the first one.
    List<Trial.Made> all = new ArrayList<>();
    all.add(trial.made(0, 0, Mode.PLAIN));
    for (int i = 1; i < 6; i++) {
      all.add(trial.made(1, 10 * i, Mode.SLOW));
    }
    trial.send(all);
    trial.awaitSentOut(1);
    a.pause();
    trial.start("b", settings);
    trial.awaitCommitted(0, 1);
    if (isStopped) {
      a.askToStop();
      a.resume();
    } else {
      a.resume();
      trial.awaitShared("a", "b");
    }
  }

  private static List<Trial.Made> twenty(Trial trial, int first) {
    List<Trial.Made> all = new ArrayList<>();
    for (int i = first; i < first + 20; i++) {
      all.add(trial.made(0, i, Mode.PLAIN));
    }
    return all;
  }
}
