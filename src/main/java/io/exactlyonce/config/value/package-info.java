/**
 * The types of settings' values: choices, durations and sizes as people write them, names of
 * headers and retry topics.
 *
 * <p>They can be used without a pipeline's configuration. Belongs here: types that are complete
 * without a key, a default or another setting. Does not belong here: which setting has such a
 * value, or what must hold between two of them; that is {@code config}.
 */
@NullMarked
package io.exactlyonce.config.value;

import org.jspecify.annotations.NullMarked;
