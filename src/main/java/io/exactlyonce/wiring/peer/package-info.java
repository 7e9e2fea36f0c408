/**
 * Detection of the protocol that is spoken at an address before a client is made for it: Kafka's,
 * Redis', HTTP or another one, with TLS or without.
 *
 * <p>Belongs here: requests of a few bytes that need no login, and the remedy where another
 * protocol is spoken. Does not belong here: anything else that a broker or a Redis server answers.
 */
@NullMarked
package io.exactlyonce.wiring.peer;

import org.jspecify.annotations.NullMarked;
