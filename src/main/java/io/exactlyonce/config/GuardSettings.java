package io.exactlyonce.config;

import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.config.value.OnGuardFailure;
import io.exactlyonce.config.value.OnIncompleteRebuild;
import io.exactlyonce.config.value.OnMissingId;
import java.time.Duration;
import java.util.List;

/**
 * The keys below {@code guard}: where claims are kept, for how long, and what happens without them.
 */
final class GuardSettings {
  static final Setting<GuardChoice> GUARD =
      Setting.choice(
          "guard.store",
          GuardChoice.REDIS,
          GuardChoice.class,
          "Where claims are kept. off: duplicates from upstream are not recognised.");
  static final Setting<Duration> GUARD_WINDOW =
      Setting.duration(
          "guard.window",
          "24h",
          Duration.ofSeconds(1),
          "Time for which a duplicate is recognised, at least.");
  static final Setting<List<String>> GUARD_EVENT_ID =
      Setting.names(
          "guard.event-id",
          "header:event-id, cloudevent",
          "cloudevent, header:NAME, field:NAME, key or class:NAME",
          "Places where the event id is looked for, in this order. cloudevent:"
              + " source and id of a CloudEvent together, of the headers ce_source and ce_id, or of"
              + " its JSON in structured mode.");
  static final Setting<OnMissingId> GUARD_ON_MISSING_ID =
      Setting.choice(
          "guard.on-missing-id",
          OnMissingId.DEAD_LETTER,
          OnMissingId.class,
          "What happens to a record without an event id.");
  static final Setting<Duration> GUARD_TIMEOUT =
      Setting.duration(
          "guard.timeout",
          "2s",
          Duration.ofMillis(1),
          "Time limit of one call to Redis. After it the call is repeated.");
  static final Setting<OnGuardFailure> GUARD_ON_FAILURE =
      Setting.choice(
          "guard.on-failure",
          OnGuardFailure.WAIT,
          OnGuardFailure.class,
          "What happens while Redis is away. wait: nothing is handled until claims"
              + " succeed again. bypass: records are handled without claims, and duplicates"
              + " pass.");
  static final Setting<OnIncompleteRebuild> GUARD_ON_INCOMPLETE_REBUILD =
      Setting.choice(
          "guard.on-incomplete-rebuild",
          OnIncompleteRebuild.WARN,
          OnIncompleteRebuild.class,
          "What happens when Redis lost the claims and the log cannot prove all of them"
              + " any more. warn: the log says which claims are missing, and the pipeline goes"
              + " on. refuse: it waits until they are older than guard.window.");

  private GuardSettings() {}
}
