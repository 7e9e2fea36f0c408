/**
 * Who may look and act over HTTP: tokens, hosts, failed attempts, and what an answer may not hold.
 *
 * <p>Belongs here: what stands before every request, and the list of what was done with a token.
 * Does not belong here: what a request does.
 */
@NullMarked
package io.exactlyonce.ops.access;

import org.jspecify.annotations.NullMarked;
