package io.exactlyonce.ops;

import io.exactlyonce.admin.Job;
import io.exactlyonce.admin.Maintenance;
import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.Replay;
import io.exactlyonce.deadletter.ReplayFilter;
import io.exactlyonce.deadletter.ReplayReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Job that replays dead letters, or lists those that it would replay. Its result has counts, and at
 * most 100 each of the letters and of the refusals.
 */
record ReplayJob(Maintenance maintenance, ReplayFilter filter, Replay.Mode mode, long most)
    implements Job.Work {
  private static final int MAX_LISTED = 100;

  @Override
  public Map<String, Object> run(AtomicLong progress) {
    List<String> letters = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    ReplayReport report =
        maintenance.replay(filter, mode, most, new Listing(letters, refused, progress));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("dryRun", mode == Replay.Mode.DRY_RUN);
    result.put("replayed", report.replayed());
    result.put("before", report.before());
    result.put("passed", report.passed());
    result.put("refused", report.refused());
    result.put("letters", letters);
    result.put("refusals", refused);
    return result;
  }

  private record Listing(List<String> letters, List<String> refusals, AtomicLong progress)
      implements Replay.Watcher {
    @Override
    public void replayed(Letter letter, @Nullable String id) {
      progress.incrementAndGet();
      if (letters.size() < MAX_LISTED) {
        letters.add(letter.at() + " to " + letter.source());
      }
    }

    @Override
    public void refused(Letter letter, String why) {
      if (refusals.size() < MAX_LISTED) {
        refusals.add(letter.at() + ": " + why);
      }
    }
  }
}
