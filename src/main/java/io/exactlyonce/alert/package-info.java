/**
 * Alerts to operators about a pipeline: when they are raised, their texts, how often they are sent,
 * and by which way.
 *
 * <p>Belongs here: the alerts with their remedies, the states that each goes through, the messages,
 * and the webhook that carries them. Does not belong here: measuring (see {@code lag} and {@code
 * engine.status}), and which instance of a group sends its messages (see {@code wiring.watch}).
 */
@NullMarked
package io.exactlyonce.alert;

import org.jspecify.annotations.NullMarked;
