/**
 * A pipeline of this instance and the supervision of its workers: start, restart, scaling, stop.
 *
 * <p>The packages below follow the path of a record: <em>poll, claim, handle, send and commit</em>.
 *
 * <ul>
 *   <li>{@code worker}: the thread that owns a consumer, and its loop;
 *   <li>{@code intake}: what is polled, and the claims on it;
 *   <li>{@code handling}: calls of the user's handler, and what becomes of records that fail;
 *   <li>{@code transaction}: what is sent and committed;
 *   <li>{@code inflight}: the records between poll and commit, which the packages above share;
 *   <li>{@code start}, {@code group}, {@code topic}: requests to the cluster before the start and
 *       while the pipeline runs;
 *   <li>{@code failure}: the reaction to an exception;
 *   <li>{@code status}: what is shown of all this;
 *   <li>{@code spi}: what the engine has to be given.
 * </ul>
 *
 * <p>Other packages may use this one, {@code status} and {@code spi}. The rest is public only
 * because Java has no wider scope between packages; it is no API. Dependencies between these
 * packages have no cycles.
 */
@NullMarked
package io.exactlyonce.engine;

import org.jspecify.annotations.NullMarked;
