package io.exactlyonce.handler;

import org.jspecify.annotations.Nullable;

/**
 * A decoded key beside the decoded value, for handlers that declare {@code Handler<Keyed<K, V>>}.
 *
 * @param key the decoded key; null where the record has none
 * @param value the decoded value
 */
public record Keyed<K, V>(@Nullable K key, V value) {}
