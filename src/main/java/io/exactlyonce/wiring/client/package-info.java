/**
 * List of the workers' open Kafka clients, for their metrics.
 *
 * <p>Belongs here: the list, and clients that are on it until they are closed. Does not belong
 * here: how a client is configured, and what is done with its metrics.
 */
@NullMarked
package io.exactlyonce.wiring.client;

import org.jspecify.annotations.NullMarked;
