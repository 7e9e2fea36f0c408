package io.exactlyonce.lag;

import org.jspecify.annotations.Nullable;

/**
 * The open transaction that holds back a partition's last stable offset.
 *
 * @param transactionalId empty where no coordinator lists it: it hangs, and only an operator can
 *     abort it, or this principal may not see it; null where not every coordinator has answered
 * @param producerId of its producer
 * @param ageMillis since it began, 0 where that is not known; without a transactional id, since its
 *     producer's last record
 */
public record OpenTransaction(@Nullable String transactionalId, long producerId, long ageMillis) {}
