/**
 * Checks of the cluster before the first worker starts: access rights, settings of brokers and
 * topics, and missing topics, which are created.
 *
 * <p>Belongs here: checks whose result is a refusal or a warning with a remedy. Does not belong
 * here: checks that are repeated while workers run, and those that need no broker, which are made
 * with the configuration.
 */
@NullMarked
package io.exactlyonce.engine.start;

import org.jspecify.annotations.NullMarked;
