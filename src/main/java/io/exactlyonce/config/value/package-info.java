/**
 * The types of a setting's value: what may be chosen, durations and sizes as people write them,
 * names of headers and retry topics.
 *
 * <p>Whoever needs one of these need not know a pipeline's configuration. Belongs here: what is
 * complete without a key, a default or another setting. Does not belong here: which setting has
 * such a value, or what must hold between two of them; that is {@code config}.
 */
@NullMarked
package io.exactlyonce.config.value;

import org.jspecify.annotations.NullMarked;
