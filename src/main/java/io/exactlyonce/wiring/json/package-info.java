/**
 * Reads one JSON document strictly, by the application's own deserializers: no key twice, nothing
 * behind it, no value changed to fit its type.
 *
 * <p>Belongs here: what Micronaut Serde or Jackson would let pass. Does not belong here: which
 * handler takes JSON, and what becomes of a record that is none.
 */
@NullMarked
package io.exactlyonce.wiring.json;

import org.jspecify.annotations.NullMarked;
