package io.exactlyonce.engine;

import java.util.List;

/**
 * How a worker stands, as seen from outside.
 *
 * @param partitions assigned to it, as {@code topic-partition}
 * @param trouble what it waits for or why it ended; empty while all is well
 */
public record WorkerStatus(
    String worker, WorkerState state, List<String> partitions, String trouble) {}
