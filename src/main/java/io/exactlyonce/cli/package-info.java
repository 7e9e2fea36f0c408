/**
 * The command line: serve, audit, lag, doctor, explain, letters, replay, rewind, accept-loss,
 * rebuild-guard, and load in a package of its own.
 *
 * <p>A command reads its options, calls the part that does the work and prints the result; its exit
 * code is part of its contract. Does not belong here: work that would be needed without a command
 * line.
 */
@NullMarked
package io.exactlyonce.cli;

import org.jspecify.annotations.NullMarked;
