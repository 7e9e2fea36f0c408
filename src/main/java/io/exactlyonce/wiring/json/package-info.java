/**
 * Strict reading of one JSON document by the application's own deserializers: no key twice, nothing
 * after the document, no value changed to fit its type.
 *
 * <p>Belongs here: checks of what Micronaut Serde or Jackson would accept. Does not belong here:
 * which handler takes JSON, and what happens to a record that is none.
 */
@NullMarked
package io.exactlyonce.wiring.json;

import org.jspecify.annotations.NullMarked;
