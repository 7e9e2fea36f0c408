/**
 * What a failure means for the transaction in which it happened.
 *
 * <p>One table from the phase of the transaction and the exception to a reaction: send again, abort
 * and rewind, rebuild the producers, start the worker anew, or stop. Does not belong here: carrying
 * the reaction out, and failures of the user's handler.
 */
@NullMarked
package io.exactlyonce.engine.failure;

import org.jspecify.annotations.NullMarked;
