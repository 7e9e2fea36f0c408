/**
 * Calls the user's handler for each record and decides what becomes of records that fail.
 *
 * <p>Belongs here: lanes (which keep the order that is asked for), decoding and encoding, time
 * limits, stored effects, retries, and the choice between retry topic, dead letter, stop and skip.
 * The result is written beside the polled record. Runs on the worker's handler threads. Does not
 * belong here: consumers, producers and transactions.
 */
@NullMarked
package io.exactlyonce.engine.handling;

import org.jspecify.annotations.NullMarked;
