/**
 * Classifies the exceptions of Kafka's clients.
 *
 * <p>One table from the phase of the transaction and the exception to a reaction: send again, abort
 * and rewind, rebuild the producers, restart the worker, or stop. Does not belong here: carrying
 * the reaction out, and failures of the user's handler.
 */
@NullMarked
package io.exactlyonce.engine.failure;

import org.jspecify.annotations.NullMarked;
