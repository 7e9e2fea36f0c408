/**
 * What the engine has to be given: clients, codecs and the backends to wait for; and the measure of
 * a record's size.
 *
 * <p>Interfaces that the wiring implements, and the consumer that it must make so that a poll stays
 * within its bound. Does not belong here: anything that knows how the engine works inside.
 */
@NullMarked
package io.exactlyonce.engine.spi;

import org.jspecify.annotations.NullMarked;
