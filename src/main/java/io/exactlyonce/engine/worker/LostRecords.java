package io.exactlyonce.engine.worker;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/** Records were deleted before they were read: an operator has to accept the loss. */
final class LostRecords extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param from the partition's position
   * @param to first offset that is left
   */
  record Range(TopicPartition partition, long from, long to) {
    @Override
    public String toString() {
      return partition + "@" + from + "-" + (to - 1);
    }
  }

  LostRecords(String group, List<Range> ranges) {
    super(
        "records are gone for good, deleted by retention before they were read: "
            + ranges.stream().map(Range::toString).collect(Collectors.joining(", "))
            + "; to go on without them run, for each, accept-loss --group "
            + group
            + " --range "
            + ranges.get(0)
            + " --because '...', then start again");
  }
}
