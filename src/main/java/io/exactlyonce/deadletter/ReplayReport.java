package io.exactlyonce.deadletter;

/**
 * Counts of a replay, over the dead letters that were there when it began.
 *
 * @param replayed written to their source and committed; in a dry run: what would be
 * @param before replayed by earlier replays, whatever the filter
 * @param passed not selected by the filter, or of other groups
 * @param refused selected, but cannot be replayed
 */
public record ReplayReport(long replayed, long before, long passed, long refused) {}
