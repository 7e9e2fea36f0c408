package io.exactlyonce.alert;

import io.exactlyonce.engine.status.PipelineCounters;
import io.exactlyonce.engine.status.PipelineStatus;
import io.exactlyonce.lag.GroupLag;
import java.time.Instant;

/**
 * Input of a pipeline's alerts at one check.
 *
 * @param lag as the check found it
 * @param counters of this instance, since it started
 */
public record Reading(Instant at, GroupLag lag, PipelineStatus status, PipelineCounters counters) {}
