/**
 * What an audit found: its findings by kind, notes, what it could not judge, and its counts.
 *
 * <p>Belongs here: the report and how its parts are collected. Does not belong here: what makes a
 * finding, which is the checks of {@code receipt.audit}, or how a report is printed, which is the
 * command's.
 */
@NullMarked
package io.exactlyonce.receipt.audit.report;

import org.jspecify.annotations.NullMarked;
