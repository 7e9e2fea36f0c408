/**
 * Calls of the (de)serializers that the configuration names, within a time limit. A schema registry
 * that is away is distinguished from a record that cannot be read or written.
 *
 * <p>Belongs here: knowledge of serializers that ask a registry. Does not belong here: any of their
 * libraries, which are the application's; and what happens to the record.
 */
@NullMarked
package io.exactlyonce.wiring.serde;

import org.jspecify.annotations.NullMarked;
