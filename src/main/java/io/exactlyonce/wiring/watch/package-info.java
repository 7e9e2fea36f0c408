/**
 * Joins what is measured of this instance's pipelines to what follows from it: alerts that are
 * logged and posted, and the number of workers; and looks at what other instances commit, while
 * somebody asks.
 *
 * <p>Belongs here: which pipeline a measurement is of, which instance speaks for a group, where
 * alerts are posted to, which workers other instances have. Does not belong here: when an alert is
 * raised ({@code alert}) or how many workers there should be ({@code scaling}).
 */
@NullMarked
package io.exactlyonce.wiring.watch;

import org.jspecify.annotations.NullMarked;
