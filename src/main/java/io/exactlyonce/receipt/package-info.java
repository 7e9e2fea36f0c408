/**
 * Receipts: records that each list what one transaction did and are written within it.
 *
 * <p>The receipts of a source partition join end to end up to the committed offset, so the log
 * itself proves that nothing was left out or done twice. Belongs here: the format of receipts,
 * their readers, the metadata of committed offsets, the end of the chain of receipts, from which a
 * worker continues, and the commands that move the offsets of a stopped group, each with a receipt
 * of its own kind. Does not belong here: compact tables of receipts ({@code receipt.table}), or
 * judging them ({@code receipt.audit}).
 */
@NullMarked
package io.exactlyonce.receipt;

import org.jspecify.annotations.NullMarked;
