/**
 * The page at {@code /console} and its data: a sample of the pipelines each second, the same for
 * all viewers, and a time line of events.
 *
 * <p>Belongs here: the page's files and the stream that it shows. Does not belong here: what
 * changes something, which the admin API in {@code ops} does, or anything that a pipeline waits
 * for.
 */
@NullMarked
package io.exactlyonce.console;

import org.jspecify.annotations.NullMarked;
