/**
 * When a pipeline's instance should run more workers or fewer, or handle more at once, by what a
 * check of the lag has found.
 *
 * <p>Belongs here: the decision, its limits, and what explains a lag that more workers would not
 * mend. Does not belong here: measuring (see {@code lag}), and starting or ending workers, which
 * the engine does.
 */
@NullMarked
package io.exactlyonce.scaling;

import org.jspecify.annotations.NullMarked;
