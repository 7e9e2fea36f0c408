package io.exactlyonce.ops;

import io.exactlyonce.engine.status.Rebalances;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;

/**
 * A rebalance, as a worker of this instance saw it.
 *
 * @param at when its assignment was complete
 * @param seconds from the first partition revoked or lost until then
 * @param assigned number of partitions assigned; {@code revoked} and {@code lost} likewise
 */
@Serdeable
record RebalanceView(
    Instant at, String worker, double seconds, int assigned, int revoked, int lost) {
  static RebalanceView of(Rebalances.Rebalance done, Instant now, long nanos) {
    return new RebalanceView(
        now.minusNanos(nanos - done.endedNanos()),
        done.worker(),
        done.tookNanos() / 1e9,
        done.assigned(),
        done.revoked(),
        done.lost());
  }
}
