package io.exactlyonce.deadletter;

import java.time.Duration;

/**
 * Whose dead letters are replayed, and the names that the replay uses.
 *
 * @param group the pipeline's consumer group
 * @param deadLetters its topic of dead letters
 * @param patience how long the cluster may take to answer; more than the longest transaction
 *     time-out, since undecided letters are waited for
 */
public record ReplayScope(String group, String deadLetters, Duration patience) {

  /** The group whose offsets say up to where every letter was replayed. */
  public String replayGroup() {
    return group + ".replay";
  }

  /** One for each group: a replay that starts fences one that still runs or has died. */
  public String transactionalId() {
    return group + ".replay";
  }

  /** The topic that lists what was replayed. */
  public String log() {
    return group + ".replays";
  }
}
