/**
 * The command {@code load}: reads rows of a file or of standard input and writes each to a topic.
 *
 * <p>A row passes the input (packing, character encoding), a format (NDJSON or CSV), its identity
 * (event id and key), duplicates and the sender; a report ends the load. Does not belong here:
 * options and texts that other commands have too.
 */
@NullMarked
package io.exactlyonce.cli.load;

import org.jspecify.annotations.NullMarked;
