/**
 * Operations over HTTP: health, metrics, the list of pipelines, their dead letters, decisions on
 * stopped partitions, and who may use them.
 *
 * <p>Belongs here: translating between HTTP and the engine's status and commands. Does not belong
 * here: the state itself, or a decision that the engine could not also take from another caller.
 */
@NullMarked
package io.exactlyonce.ops;

import org.jspecify.annotations.NullMarked;
