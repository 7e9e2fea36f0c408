package io.exactlyonce.receipt;

import static io.exactlyonce.receipt.StoppedGroup.refuse;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Command that moves a stopped group past records that are gone from the log. One transaction moves
 * the offset and writes a receipt of the loss, so that the receipts join and the audit notes the
 * loss for as long as they are kept.
 */
public record LossAcceptance(StoppedGroup group) {

  /** {@link Receipt.Decision#done} of such a receipt. */
  public static final String DONE = "accept-loss";

  /**
   * Moves the group from the first lost offset to one past the last.
   *
   * @param from the first offset that is gone, at which the group stands
   * @param last the last offset that is gone
   * @param because the reason, for the receipt
   * @param who name of the operator, for the receipt; may be empty
   * @throws KafkaException naming the obstacle: a member of the group, a range that runs backwards,
   *     a group that stands elsewhere, records that are still there or were never written
   */
  public void accept(TopicPartition partition, long from, long last, String because, String who) {
    String range = partition + "@" + from + "-" + last;
    refuse(
        from < 0 || last < from,
        range
            + " is no range: write the first offset that is gone and the last one;"
            + " to set a group back use the command rewind");
    Uuid topicId = requireNonNull(group.topicIds(List.of(partition)).get(partition));
    group.refuseMembers();
    LogOffsets offsets = group.offsets();
    long end = requireNonNull(offsets.latest(List.of(partition)).get(partition));
    refuse(last >= end, partition + " ends at " + end + ": " + last + " was never written");
    long begin = requireNonNull(offsets.earliest(List.of(partition)).get(partition));
    refuse(
        last >= begin,
        partition
            + " begins at "
            + begin
            + ": the records from there to "
            + last
            + " are not lost");
    long stands = stands(partition, topicId);
    refuse(stands != from, partition + " stands at " + stands + ", not at " + from);
    Receipt.Span span =
        new Receipt.Span(partition.topic(), topicId, partition.partition(), from, last + 1);
    group.commit(
        DONE,
        List.of(span),
        List.of(new Receipt.Decision(range, DONE, because, who)),
        List.of(new StoppedGroup.Move(partition, topicId, from, last + 1)));
  }

  private long stands(TopicPartition partition, Uuid topicId) {
    Long committed = group.committed(Map.of(partition, topicId)).get(partition);
    if (committed != null) {
      return committed;
    }
    LastReceipts ends =
        new LastReceipts(
            group::admin, group.readers(), group.receipts(), group.clock(), group.patience());
    return StoppedGroup.present(
        ends.find(group.offsets(), Map.of(partition, topicId)).ends().get(partition),
        "group "
            + group.group()
            + " has neither an offset nor a receipt of "
            + partition
            + "; check --group and --range");
  }
}
