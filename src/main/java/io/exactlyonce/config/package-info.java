/**
 * The settings of a pipeline and of its clients: their names, defaults, units and checks.
 *
 * <p>Belongs here: all that can be checked with the configuration alone, with errors that name the
 * key, the value and the remedy. Does not belong here: checks that need a broker or a Redis server,
 * which run at the start; and the types of values, which are {@code config.value}.
 */
@NullMarked
package io.exactlyonce.config;

import org.jspecify.annotations.NullMarked;
