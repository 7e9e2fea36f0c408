/**
 * The command {@code load}: reads rows of a file or of standard input and writes each to a topic.
 *
 * <p>The way of a row: input (packing, character encoding), format (CSV, NDJSON, plain lines), key,
 * duplicates, sender, report. Does not belong here: options and texts that other commands have too.
 */
@NullMarked
package io.exactlyonce.cli.load;

import org.jspecify.annotations.NullMarked;
