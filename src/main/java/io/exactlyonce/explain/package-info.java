/**
 * Where an event is and what became of it, told from the log: its record, the receipt that accounts
 * for it, what was written for it, and in which order all of that happened.
 *
 * <p>Everything here reads committed records and changes nothing, so it can be asked beside a
 * running pipeline, without one, and while Redis is away. Belongs here: the searches by time and
 * position that find an event without an index, and the rules that make one answer of what they
 * find. Does not belong here: judging a whole log, which is the audit's, and showing the answer.
 */
@NullMarked
package io.exactlyonce.explain;

import org.jspecify.annotations.NullMarked;
