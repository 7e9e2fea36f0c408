/**
 * Snapshots of running pipelines for monitoring, their counters, and operators' decisions on
 * stopped partitions.
 *
 * <p>Operations (metrics, health, HTTP) read this and nothing deeper. Belongs here: immutable
 * snapshots, counters, and the states with their allowed transitions. Does not belong here:
 * anything that is not safe to read from any thread.
 */
@NullMarked
package io.exactlyonce.engine.status;

import org.jspecify.annotations.NullMarked;
