/**
 * Reads from Kafka which claims committed work rests on: the sources and receipts of the guard's
 * window, and the announcements of generations of claims.
 *
 * <p>Whoever announces a generation first fences every producer of the group, so nothing that was
 * admitted under older claims can commit afterwards. Belongs here: what reads or writes Kafka for
 * {@link io.exactlyonce.guard.ClaimLog}, and what could not be found there. Does not belong here:
 * where claims are kept.
 */
@NullMarked
package io.exactlyonce.guard.claimlog;

import org.jspecify.annotations.NullMarked;
