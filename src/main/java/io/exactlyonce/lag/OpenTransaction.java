package io.exactlyonce.lag;

import org.jspecify.annotations.Nullable;

/**
 * The open transaction that holds back a partition's last stable offset.
 *
 * @param transactionalId empty where no coordinator shows it: it hangs, and only an operator can
 *     abort it, or this principal may not see it; null where not every coordinator has answered
 * @param producerId the broker's number for its producer
 * @param ageMillis since it began; of one that hangs, since its last record
 */
public record OpenTransaction(@Nullable String transactionalId, long producerId, long ageMillis) {}
