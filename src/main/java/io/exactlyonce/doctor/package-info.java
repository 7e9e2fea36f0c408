/**
 * Checks a pipeline's cluster from outside, and reports what is wrong with it and what to do.
 *
 * <p>Belongs here: requests that change nothing, and the judgement of their answers. Does not
 * belong here: how clients are made, how findings are shown, and what the start checks judge, which
 * are asked through the engine.
 */
@NullMarked
package io.exactlyonce.doctor;

import org.jspecify.annotations.NullMarked;
