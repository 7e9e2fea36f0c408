/**
 * The page at {@code /console} and what it is fed with: a look at the pipelines each second, one
 * for all viewers, and one time line of what happened.
 *
 * <p>Belongs here: the page's files and the stream behind them. Does not belong here: what changes
 * something, which is the admin API's in {@code ops}, or anything that a pipeline waits for.
 */
@NullMarked
package io.exactlyonce.console;

import org.jspecify.annotations.NullMarked;
