/**
 * What is checked, learned and made before the first worker starts: access rights, broker and topic
 * settings, missing topics.
 *
 * <p>Belongs here: questions to the cluster whose answer is a refusal or a warning with a remedy.
 * Does not belong here: what is checked again while workers run, and what can be judged without a
 * broker, which is checked with the configuration.
 */
@NullMarked
package io.exactlyonce.engine.start;

import org.jspecify.annotations.NullMarked;
