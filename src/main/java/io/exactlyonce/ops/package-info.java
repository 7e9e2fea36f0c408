/**
 * Operations over HTTP: health, the list of pipelines, their dead letters, jobs, and decisions
 * about stopped partitions.
 *
 * <p>Belongs here: translating between HTTP and the engine's status and commands. Does not belong
 * here: the state itself, or a decision that the engine could not also take from another caller.
 */
@NullMarked
package io.exactlyonce.ops;

import org.jspecify.annotations.NullMarked;
