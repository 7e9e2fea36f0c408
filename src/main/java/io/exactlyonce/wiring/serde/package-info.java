/**
 * Calls the (de)serializers that the configuration names: within a time limit, and with a schema
 * registry that is away told from a record that cannot be read or written.
 *
 * <p>Belongs here: what is known of serializers that ask a registry. Does not belong here: any of
 * their libraries, which are the application's; and what becomes of the record.
 */
@NullMarked
package io.exactlyonce.wiring.serde;

import org.jspecify.annotations.NullMarked;
