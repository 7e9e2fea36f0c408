package io.exactlyonce.deadletter;

/**
 * What became of the dead letters, as they stood when the replay began.
 *
 * @param replayed written to their source, committed; in a dry run: what would be
 * @param before replayed by earlier replays, whatever they were asked for
 * @param passed not asked for by the filter
 * @param refused asked for, but cannot be replayed
 */
public record ReplayReport(long replayed, long before, long passed, long refused) {}
