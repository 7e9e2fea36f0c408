/**
 * Explanations of single events from the log: the event's record, the receipt that accounts for it,
 * the records that were written for it, and the order of all of them.
 *
 * <p>Everything here reads committed records and changes nothing, so it works beside a running
 * pipeline, without one, and while Redis is down. Belongs here: the searches by time and position
 * that find an event without an index, and the rules that make one answer of what they find. Does
 * not belong here: judging a whole log ({@code receipt.audit}), and showing the answer.
 */
@NullMarked
package io.exactlyonce.explain;

import org.jspecify.annotations.NullMarked;
