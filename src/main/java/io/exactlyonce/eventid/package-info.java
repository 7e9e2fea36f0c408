/**
 * Finds the event id of a record, and shows a record's headers to whoever looks for it.
 *
 * <p>The pipeline, the guard's rebuild, the audit and the replay must find the same id for the same
 * record, so all of them ask here. Does not belong here: what is done about a record without an id.
 */
@NullMarked
package io.exactlyonce.eventid;

import org.jspecify.annotations.NullMarked;
