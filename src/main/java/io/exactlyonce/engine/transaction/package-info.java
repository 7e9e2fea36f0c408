/**
 * Sends results and commits them: outputs, dead letters, offsets and receipt together.
 *
 * <p>Only the finished records at the front of each partition are sent, in the order of their
 * offsets. Two transactions may overlap: the next one is filled while the last one commits. A
 * session is what the configured delivery makes of that: exactly once, at least once or at most
 * once. Does not belong here: what follows from a failed transaction. The failure is given to the
 * worker, which recovers.
 */
@NullMarked
package io.exactlyonce.engine.transaction;

import org.jspecify.annotations.NullMarked;
