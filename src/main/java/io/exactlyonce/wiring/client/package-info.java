/**
 * The Kafka clients of workers while they are open, so that their own metrics can be shown.
 *
 * <p>Belongs here: who is open, and clients that are on that list until they are closed. Does not
 * belong here: how a client is configured, and what is made of its metrics.
 */
@NullMarked
package io.exactlyonce.wiring.client;

import org.jspecify.annotations.NullMarked;
