package io.exactlyonce.deadletter;

import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.LogOffsets;
import io.exactlyonce.receipt.LogReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads a group's dead letters and shows them; changes nothing.
 *
 * @param admins makes an admin client, to be closed here
 * @param consumers makes read_committed consumers without a group, to be closed here
 * @param eventIds finds a record's event id as the pipeline does
 */
public record LetterList(
    Supplier<Admin> admins,
    Supplier<Consumer<byte[], byte[]>> consumers,
    ReplayScope scope,
    Function<ConsumerRecord<byte[], byte[]>, byte @Nullable []> eventIds) {

  /** Takes letters in offset order per partition. */
  @FunctionalInterface
  public interface Viewer {
    /**
     * @param id the event id; null where none is found
     */
    void view(Letter letter, @Nullable String id);
  }

  /**
   * Shows the letters that fit the filter. Those of other groups in the same topic are passed over;
   * records without a letter's headers are shown.
   *
   * @return how many were shown
   * @throws org.apache.kafka.common.KafkaException where the cluster does not answer or refuses
   */
  public long show(ReplayFilter filter, Viewer viewer) {
    try (BoundedClose<Admin> admin = BoundedClose.of(admins.get());
        BoundedClose<Consumer<byte[], byte[]>> consumer = BoundedClose.of(consumers.get())) {
      LogOffsets offsets = new LogOffsets(admin.client(), scope.patience());
      List<TopicPartition> partitions = offsets.partitions(List.of(scope.deadLetters()));
      long[] shown = {0};
      new LogReader(consumer.client(), scope.patience())
          .read(
              offsets.earliest(partitions),
              offsets.latest(partitions),
              record -> {
                Letter letter = new Letter(record);
                String id = id(letter);
                boolean isOurs = letter.group() == null || letter.group().equals(scope.group());
                if (isOurs && filter.takes(letter, id)) {
                  viewer.view(letter, id);
                  shown[0]++;
                }
                return true;
              });
      return shown[0];
    }
  }

  private @Nullable String id(Letter letter) {
    byte[] id = eventIds.apply(letter.record());
    return id == null ? null : new String(id, StandardCharsets.UTF_8);
  }
}
