/**
 * The contract between the engine and the user's code: a handler takes an event and returns an
 * outcome.
 *
 * <p>Belongs here: what a handler implements, receives and returns. Does not belong here: Kafka,
 * Redis, Micronaut or anything else outside the JDK, so that a handler is tested as a plain
 * function.
 */
@NullMarked
package io.exactlyonce.handler;

import org.jspecify.annotations.NullMarked;
