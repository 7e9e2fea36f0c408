/**
 * Interfaces that the engine's caller implements: clients, codecs, tracing and backends; and the
 * estimate of a record's size.
 *
 * <p>Also the consumer that the caller must make, so that a poll stays within its bound. Does not
 * belong here: anything that knows how the engine works inside.
 */
@NullMarked
package io.exactlyonce.engine.spi;

import org.jspecify.annotations.NullMarked;
