/**
 * Access over HTTP: tokens, hosts, failed attempts, limits of connections and requests, and the
 * safety of answers.
 *
 * <p>Belongs here: checks that every request passes, and the list of what was done with a token.
 * Does not belong here: what a request does.
 */
@NullMarked
package io.exactlyonce.ops.access;

import org.jspecify.annotations.NullMarked;
