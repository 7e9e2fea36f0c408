/**
 * Takes in what was polled: decides what the guard is asked, makes the claims, and pauses
 * partitions at the bounds.
 *
 * <p>Between the consumer and the lanes. Polls are given on in the order in which they came, each
 * once its claims are in; what cannot be taken in yet is given back to the consumer and read again.
 * Does not belong here: the guard itself, and calling handlers.
 */
@NullMarked
package io.exactlyonce.engine.intake;

import org.jspecify.annotations.NullMarked;
