/**
 * Compact tables by offset: what the receipts of a partition say, in arrays of numbers, since a
 * day's receipts would be millions of objects otherwise.
 *
 * <p>Belongs here: growing arrays, counts by stretch of offsets, look-ups in them. Does not belong
 * here: the format of receipts, or any judgement about what a table holds. Nothing here is
 * thread-safe.
 */
@NullMarked
package io.exactlyonce.receipt.table;

import org.jspecify.annotations.NullMarked;
