/**
 * Conclusions from the measurements of this instance's pipelines: alerts that are logged and
 * posted, and the number of workers. Also the last commits of other instances, while a caller asks
 * for them.
 *
 * <p>Belongs here: which pipeline a measurement is of, which instance posts for a group, the
 * webhook's address, the workers of other instances. Does not belong here: when an alert is raised
 * ({@code alert}) or how many workers there should be ({@code scaling}).
 */
@NullMarked
package io.exactlyonce.wiring.watch;

import org.jspecify.annotations.NullMarked;
