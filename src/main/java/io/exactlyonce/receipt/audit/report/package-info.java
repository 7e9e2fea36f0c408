/**
 * The result of an audit: findings by kind, notes, ranges that could not be judged, and counts.
 *
 * <p>Belongs here: the report and how its parts are collected. Does not belong here: deciding what
 * is a finding, which the checks of {@code receipt.audit} do, or how a report is printed, which is
 * the command's.
 */
@NullMarked
package io.exactlyonce.receipt.audit.report;

import org.jspecify.annotations.NullMarked;
