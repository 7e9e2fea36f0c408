/**
 * Compact tables of receipts by offset: arrays of numbers, since the receipts of a day would be
 * millions of objects otherwise.
 *
 * <p>Belongs here: growing arrays, counts by range of offsets, look-ups in them. Does not belong
 * here: the format of receipts, or any judgement about what a table holds. Nothing here is
 * thread-safe.
 */
@NullMarked
package io.exactlyonce.receipt.table;

import org.jspecify.annotations.NullMarked;
