/**
 * Receipts: one record per transaction that says what it did, written in that transaction.
 *
 * <p>The receipts of a source partition join end to end up to the committed offset, so the log
 * itself proves that nothing was left out or done twice. Belongs here: the format of receipts,
 * their readers, what a worker commits beside an offset, the end of the chain that a worker
 * continues from, and the commands' moves of a stopped group, each of which leaves a receipt of its
 * own kind. Does not belong here: compact tables of receipts ({@code receipt.table}), or judging
 * them, which is the audit's.
 */
@NullMarked
package io.exactlyonce.receipt;

import org.jspecify.annotations.NullMarked;
