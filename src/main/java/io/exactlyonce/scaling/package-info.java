/**
 * Decisions whether a pipeline's instance should run more workers or fewer, or handle more at once,
 * by its lag.
 *
 * <p>Belongs here: the decision, its limits, and causes of a lag that more workers would not
 * reduce. Does not belong here: measuring (see {@code lag}), and starting or ending workers, which
 * the engine does.
 */
@NullMarked
package io.exactlyonce.scaling;

import org.jspecify.annotations.NullMarked;
