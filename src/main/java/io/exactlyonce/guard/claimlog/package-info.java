/**
 * Reads from Kafka which claims committed work depends on, from the sources and receipts of the
 * guard's window, and announces generations of claims.
 *
 * <p>Each announcement first fences every producer of the group, so nothing that was admitted under
 * older claims can commit afterwards. Belongs here: what reads or writes Kafka for {@link
 * io.exactlyonce.guard.ClaimLog}, and the claims that could not be found. Does not belong here:
 * where claims are kept.
 */
@NullMarked
package io.exactlyonce.guard.claimlog;

import org.jspecify.annotations.NullMarked;
