/**
 * The settings of a pipeline and of its clients: their names, defaults, units and checks.
 *
 * <p>Belongs here: everything that can be judged from the configuration alone, with errors that
 * name the key, the value and the remedy. Does not belong here: what only a broker or a Redis
 * server can answer, which the checks at the start ask; and the types of values, which are {@code
 * config.value}.
 */
@NullMarked
package io.exactlyonce.config;

import org.jspecify.annotations.NullMarked;
