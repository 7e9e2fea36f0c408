/**
 * Keeps claims and results of effects in Redis: its connections, keys and scripts, and the rebuild
 * of claims that Redis lost.
 *
 * <p>Redis is a cache of what Kafka's topics prove. This package finds out when the claims in it
 * cannot be trusted (they were made on another server, may be evicted, or are not of the newest
 * generation), and then rebuilds them from a {@link io.exactlyonce.guard.ClaimLog}. Only this
 * package and the wiring use the Redis client. Does not belong here: what Kafka's topics hold.
 */
@NullMarked
package io.exactlyonce.guard.redis;

import org.jspecify.annotations.NullMarked;
