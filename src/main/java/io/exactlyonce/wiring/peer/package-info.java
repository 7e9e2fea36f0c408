/**
 * Finds out who listens at an address before a client is made for it: Kafka, Redis, a web server or
 * something else, with TLS or without.
 *
 * <p>Belongs here: questions of a few bytes that need no login, and the remedy where the answer is
 * another protocol's. Does not belong here: what a broker or a Redis server says once it is one.
 */
@NullMarked
package io.exactlyonce.wiring.peer;

import org.jspecify.annotations.NullMarked;
