/**
 * What an operator has to be told of a pipeline: when, in which words, how often, and by which way.
 *
 * <p>Belongs here: the alerts with their remedies, the states that each goes through, the messages,
 * and the webhook that carries them. Does not belong here: measuring (see {@code lag} and {@code
 * engine.status}), and which instance of a group speaks, which its wiring knows.
 */
@NullMarked
package io.exactlyonce.alert;

import org.jspecify.annotations.NullMarked;
