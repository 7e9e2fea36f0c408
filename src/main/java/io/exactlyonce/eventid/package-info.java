/**
 * Finds the event id of a record, and gives a view of its headers to handlers and finders.
 *
 * <p>The pipeline, the guard's rebuild, the audit and the replay must find the same id for the same
 * record, so all of them use this package. Does not belong here: what is done about a record
 * without an id.
 */
@NullMarked
package io.exactlyonce.eventid;

import org.jspecify.annotations.NullMarked;
