/**
 * The audit: compares the sources, outputs and dead letters of a group with its receipts and lists
 * disagreements.
 *
 * <p>It judges up to offsets taken when it begins, beside a pipeline that may be running, and
 * writes nothing. With a cut, a time given by the caller, only receipts from the cut on are judged.
 * Each check looks for one kind of disagreement and reports findings with positions. Whatever
 * cannot be judged is listed too. Does not belong here: the format of receipts, or anything that
 * changes a topic or an offset.
 */
@NullMarked
package io.exactlyonce.receipt.audit;

import org.jspecify.annotations.NullMarked;
