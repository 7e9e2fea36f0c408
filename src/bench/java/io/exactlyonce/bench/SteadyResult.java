package io.exactlyonce.bench;

/**
 * One warm run of one contestant.
 *
 * @param kind of the workload, as {@code -Dworkloads} names it
 * @param counted its counted part alone; what was read back is of all of the run
 * @param isKilled whether it was killed once, after that part
 */
record SteadyResult(String kind, Result counted, SteadyRate.Phases phases, boolean isKilled) {}
