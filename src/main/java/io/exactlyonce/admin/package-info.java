/**
 * Maintenance of a pipeline's topics and group while the application runs: replay, audit, rewind,
 * explain, and look at one dead letter. Work that outlasts a request runs as a job.
 *
 * <p>Belongs here: the work of the commands of those names, with the pipeline's own settings. Does
 * not belong here: HTTP, or who may ask for it.
 */
@NullMarked
package io.exactlyonce.admin;

import org.jspecify.annotations.NullMarked;
