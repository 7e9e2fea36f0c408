/**
 * Takes in what was polled: decides what the guard is asked, makes the claims, and pauses
 * partitions at the bounds.
 *
 * <p>Between the consumer and the lanes. Polls are handed on in their order, each once its claims
 * are answered; what cannot be taken in yet is given back to the consumer and read again. Does not
 * belong here: the guard itself, and calling handlers.
 */
@NullMarked
package io.exactlyonce.engine.intake;

import org.jspecify.annotations.NullMarked;
