/**
 * The membership of a worker in its consumer group, and other processes with the same member name.
 *
 * <p>Two processes with one instance id would fence each other's producers for ever. Belongs here:
 * finding the other process, at the start and after a fence, and ending a membership so that a
 * successor need not wait. Does not belong here: which partitions a member has.
 */
@NullMarked
package io.exactlyonce.engine.group;

import org.jspecify.annotations.NullMarked;
