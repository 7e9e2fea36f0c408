/**
 * What is shown of a running pipeline: states, counters, stopped partitions and the decisions on
 * them.
 *
 * <p>Operations (metrics, health, HTTP) read this and nothing deeper. Belongs here: immutable
 * snapshots, counters, and the states with their allowed transitions. Does not belong here:
 * anything that another thread could break by reading it at the wrong moment.
 */
@NullMarked
package io.exactlyonce.engine.status;

import org.jspecify.annotations.NullMarked;
