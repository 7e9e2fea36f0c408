package io.exactlyonce.engine.intake;

import io.exactlyonce.engine.inflight.Track;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * Gives back what was polled and cannot be taken in yet: the partition is set before it and paused,
 * so that it is read again later and takes no memory meanwhile. The worker's thread alone calls it,
 * before the track learns where the poll ended.
 */
public record Unread(Consumer<byte[], byte[]> consumer) {
  void from(Track track, ConsumerRecord<byte[], byte[]> first) {
    OffsetAndMetadata back = new OffsetAndMetadata(first.offset(), first.leaderEpoch(), "");
    consumer.seek(track.partition, back);
    consumer.pause(Set.of(track.partition));
    track.giveBack(back);
    track.paused(true);
  }
}
