/**
 * What an operator does with a pipeline's topics beside the running pipeline: replay, audit,
 * rewind, explain, look at one dead letter, and rebuild its claims; as jobs that can be asked for
 * their progress.
 *
 * <p>Belongs here: the same work as the commands of that name do, with the pipeline's own settings.
 * Does not belong here: HTTP, or who may ask for it.
 */
@NullMarked
package io.exactlyonce.admin;

import org.jspecify.annotations.NullMarked;
