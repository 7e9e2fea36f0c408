/**
 * Sends results and commits them: outputs, dead letters, offsets and receipt together.
 *
 * <p>Only the finished records at the front of each partition are sent, in the order of their
 * offsets. Two transactions may overlap: the next one is filled while the last one commits. A
 * session does that for the configured delivery: exactly once, at least once or at most once. Does
 * not belong here: recovery from a failed transaction, which is the worker's.
 */
@NullMarked
package io.exactlyonce.engine.transaction;

import org.jspecify.annotations.NullMarked;
