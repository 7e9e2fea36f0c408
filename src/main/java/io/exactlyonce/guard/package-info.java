/**
 * Keeps upstream duplicates (the same event id at another offset) from being processed twice.
 *
 * <p>A claim is a log position: whoever asks first for an event id writes the record's position
 * down, and any other position is a duplicate. Redis is a cache of what Kafka's topics prove, so
 * the claims can be rebuilt from them, and a rebuild first fences every producer of the group.
 * Belongs here: claims, the effect store, their keys and scripts, the rebuild, and the position by
 * which a record of a retry topic claims. The Redis client is known here and in the wiring only.
 */
package io.exactlyonce.guard;
