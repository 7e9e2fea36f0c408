/**
 * Puts a pipeline together: reads the application's properties, makes the clients, finds handlers
 * and codecs, starts and stops.
 *
 * <p>The only place that knows Micronaut's beans and the engine both, and with the guard the only
 * one that knows the Redis client. Does not belong here: anything that happens while a record is on
 * its way.
 */
package io.exactlyonce.wiring;
