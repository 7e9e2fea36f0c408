package io.exactlyonce.ops;

import io.exactlyonce.engine.status.Rebalances;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;

/**
 * What a rebalance did to a worker of this instance.
 *
 * @param at when its assignment was taken in
 * @param seconds from the first partition let go to there
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
