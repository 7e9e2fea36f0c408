package io.exactlyonce.guard.claimlog;

import io.exactlyonce.guard.ClaimLog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Claims of replayed records, held back while a log is read.
 *
 * <p>That a receipt accounts for a replayed record, and not as a duplicate, proves that it took the
 * claim over. The record that became its dead letter has a receipt too and the same event id, and
 * may be read before it or after it, since they may stand in different partitions. So the claims of
 * replayed records are told last, and of those that were replayed again and again only the last.
 *
 * <p>Positions are compared with their topic's id: a record that is replayed into a topic that was
 * made anew may stand at the very offset at which the letter's record stood in the old one.
 */
final class ReplayedClaims {
  private record Replayed(byte[] key, byte[] position, byte[] source) {}

  private record Place(ByteBuffer key, ByteBuffer position) {
    static Place of(byte[] key, byte[] position) {
      return new Place(ByteBuffer.wrap(key), ByteBuffer.wrap(position));
    }
  }

  private final List<Replayed> all = new ArrayList<>();

  /**
   * @param source where the record stood that became the dead letter
   */
  void add(byte[] key, byte[] position, byte[] source) {
    all.add(new Replayed(key, position, source));
  }

  void tell(ClaimLog.Sink sink) {
    Set<Place> left = new HashSet<>();
    all.forEach(each -> left.add(Place.of(each.key(), each.source())));
    for (Replayed each : all) {
      if (!left.contains(Place.of(each.key(), each.position()))) {
        sink.claim(each.key(), each.position());
      }
    }
  }
}
