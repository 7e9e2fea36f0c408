/**
 * Parts that commands share: how they reach a cluster, how they fail, and how they show progress on
 * a terminal.
 *
 * <p>Belongs here: options that mean the same in each command, and errors in words for the person
 * who typed it. Does not belong here: a command.
 */
@NullMarked
package io.exactlyonce.cli.common;

import org.jspecify.annotations.NullMarked;
