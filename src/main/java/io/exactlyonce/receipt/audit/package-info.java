/**
 * The audit: reads source, outputs, dead letters and receipts of a group and lists what does not
 * agree.
 *
 * <p>It judges up to a cut taken when it begins, beside a pipeline that may be running, and writes
 * nothing. Each check looks at one kind of disagreement and reports findings with positions. What
 * cannot be judged is listed, not passed over. Does not belong here: the format of receipts, or
 * anything that changes a topic or an offset.
 */
@NullMarked
package io.exactlyonce.receipt.audit;

import org.jspecify.annotations.NullMarked;
