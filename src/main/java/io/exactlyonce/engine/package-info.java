/**
 * A pipeline of this instance and the supervision of its workers: start, restart, scaling, stop.
 *
 * <p>The rooms below follow the way of a record: <em>poll, claim, handle, send and commit</em>.
 *
 * <ul>
 *   <li>{@code worker}: the thread that owns a consumer, and the turns it takes;
 *   <li>{@code intake}: what is polled, and the claims on it;
 *   <li>{@code handling}: calls of the user's handler, and what becomes of records that fail;
 *   <li>{@code transaction}: what is sent and committed;
 *   <li>{@code inflight}: the records between poll and commit, which the rooms above share;
 *   <li>{@code start}, {@code group}, {@code topic}: what is asked of the cluster before and
 *       meanwhile;
 *   <li>{@code failure}: what an exception means;
 *   <li>{@code status}: what is shown of all this;
 *   <li>{@code spi}: what the engine has to be given.
 * </ul>
 *
 * <p>Other packages may use this one, {@code status} and {@code spi}. The rest is public only
 * because the rooms are packages; it is no API. Classes of one room know those of another in one
 * direction only.
 */
@NullMarked
package io.exactlyonce.engine;

import org.jspecify.annotations.NullMarked;
