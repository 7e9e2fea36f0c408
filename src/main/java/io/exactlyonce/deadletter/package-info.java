/**
 * Dead letters: how they are written, listed and replayed.
 *
 * <p>A dead letter holds the record as it was, with headers that say where it came from and why it
 * could not be processed. A replay writes each letter back once. Does not belong here: the decision
 * that a record becomes a dead letter, which the engine makes while it handles the record.
 */
@NullMarked
package io.exactlyonce.deadletter;

import org.jspecify.annotations.NullMarked;
