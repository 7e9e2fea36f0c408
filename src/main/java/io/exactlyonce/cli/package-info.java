/**
 * The command line: the commands serve, audit, lag, doctor, explain, letters, replay, rewind,
 * accept-loss and rebuild-guard; load has a package of its own.
 *
 * <p>A command reads its options, calls the part that does the work and prints the result; its exit
 * status is part of its contract. Does not belong here: work that would be needed without a command
 * line.
 */
@NullMarked
package io.exactlyonce.cli;

import org.jspecify.annotations.NullMarked;
