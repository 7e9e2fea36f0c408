package io.exactlyonce.admin;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs of this instance: one at a time for each pipeline, two at a time in all. The last twenty
 * are remembered, until the process ends. A job that runs at that time is broken off; the
 * transaction that a replay has open is then aborted, by its time-out or by the next replay. Any
 * thread may call it.
 */
public final class Jobs {
  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
  private static final int MAX_REMEMBERED = 20;
  private static final int MAX_RUNNING = 2;

  private final Clock clock;
  private final Deque<Job> jobs = new ArrayDeque<>();
  private long number;

  public Jobs(Clock clock) {
    this.clock = clock;
  }

  /**
   * Starts a job on a thread of its own.
   *
   * @param kind of work, such as {@code audit}
   * @param who the operator who asks for it, by the name of the token
   * @return empty where a job of the pipeline runs, or two jobs run
   */
  public Optional<Job> start(String pipeline, String kind, String who, Job.Work work) {
    Job job;
    synchronized (this) {
      List<Job> running = jobs.stream().filter(Job::isRunning).toList();
      if (running.size() >= MAX_RUNNING
          || running.stream().anyMatch(other -> other.pipeline().equals(pipeline))) {
        return Optional.empty();
      }
      job = new Job(++number, pipeline, kind, who, clock.instant());
      jobs.addFirst(job);
      maybeForget();
    }
    Thread thread = new Thread(() -> run(job, work), "job-" + job.id());
    thread.setDaemon(true);
    thread.start();
    return Optional.of(job);
  }

  /** Drops the oldest jobs that have ended: a running one counts for the limits above. */
  private void maybeForget() {
    Iterator<Job> oldest = jobs.descendingIterator();
    while (oldest.hasNext() && jobs.size() > MAX_REMEMBERED) {
      if (!oldest.next().isRunning()) {
        oldest.remove();
      }
    }
  }

  private void run(Job job, Job.Work work) {
    try {
      Map<String, Object> result = job.run(work);
      job.end(new Job.Outcome(Job.State.DONE, clock.instant(), result, ""));
    } catch (RuntimeException | Error e) { // the outcome has to show it, whatever it is
      LOG.error("{}: {} {} failed", job.pipeline(), job.kind(), job.id(), e);
      job.end(new Job.Outcome(Job.State.FAILED, clock.instant(), null, trouble(e)));
    }
  }

  private static String trouble(Throwable thrown) {
    return thrown.getMessage() == null ? thrown.getClass().getName() : thrown.getMessage();
  }

  /** The pipeline's jobs that are remembered, the newest first. */
  public synchronized List<Job> of(String pipeline) {
    return jobs.stream().filter(job -> job.pipeline().equals(pipeline)).toList();
  }

  public Optional<Job> find(String pipeline, long id) {
    return of(pipeline).stream().filter(job -> job.id() == id).findFirst();
  }
}
