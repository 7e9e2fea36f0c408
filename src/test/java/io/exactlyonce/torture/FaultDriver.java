package io.exactlyonce.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Draws faults from a seed and causes them, several at once but one of each part at a time. The
 * draws depend on the seed only. When a fault ends depends on the machine, and a draw whose part is
 * busy is dropped, so two runs of one seed are similar and not equal.
 */
final class FaultDriver implements Runnable {
  /**
   * Bounds of the time between two draws: 60 faults in ten minutes, though some draws find their
   * part busy.
   */
  private static final int MIN_GAP_MILLIS = 3_000;

  private static final int MAX_GAP_MILLIS = 9_000;

  /** A fault with its begin and end, by {@link System#nanoTime}. */
  record Struck(Fault fault, long from, long to) {}

  private final TortureCluster cluster;
  private final Sender sender;
  private final Random random;
  private final long end;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Map<Fault.Part, Thread> busy = new EnumMap<>(Fault.Part.class);
  private final Queue<Struck> struck = new ConcurrentLinkedQueue<>();
  private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
  private final Queue<Fault> underWay = new ConcurrentLinkedQueue<>();

  FaultDriver(TortureCluster cluster, Sender sender, long seed, Duration length) {
    this.cluster = cluster;
    this.sender = sender;
    this.random = new Random(seed);
    this.end = System.nanoTime() + length.toNanos();
  }

  /** Causes faults until the time is over; returns when all that was broken is mended. */
  @Override
  public void run() {
    try {
      while (System.nanoTime() - end < 0) {
        TimeUnit.MILLISECONDS.sleep(
            MIN_GAP_MILLIS + random.nextInt(MAX_GAP_MILLIS - MIN_GAP_MILLIS));
        Fault fault = Fault.draw(random);
        long seed = random.nextLong();
        Thread before = busy.get(fault.part());
        if (before == null || !before.isAlive()) {
          busy.put(fault.part(), start(fault, seed));
        }
      }
      over.countDown();
      for (Thread thread : busy.values()) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Thread start(Fault fault, long seed) {
    Thread thread = new Thread(() -> strike(fault, seed), "fault-" + fault);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void strike(Fault fault, long seed) {
    long from = System.nanoTime();
    underWay.add(fault);
    try {
      new FaultStrike(cluster, sender, new Random(seed), over).run(fault);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      troubles.add(fault.text() + ": " + e.getMessage());
    } finally {
      underWay.remove(fault);
      struck.add(new Struck(fault, from, System.nanoTime()));
    }
  }

  List<Struck> struck() {
    return new ArrayList<>(struck);
  }

  List<Fault> underWay() {
    return new ArrayList<>(underWay);
  }

  /**
   * Failures of the faults themselves, such as an instance that outlived its stop or a broker that
   * ended.
   */
  List<String> troubles() {
    return new ArrayList<>(troubles);
  }
}
