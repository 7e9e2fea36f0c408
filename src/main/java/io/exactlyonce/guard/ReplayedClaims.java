package io.exactlyonce.guard;

import io.exactlyonce.deadletter.At;
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
 */
final class ReplayedClaims {
  private record Replayed(byte[] key, byte[] position, At at, At source) {}

  private record Place(ByteBuffer key, At at) {}

  private final List<Replayed> all = new ArrayList<>();

  /**
   * @param source where the record stood that became the dead letter
   */
  void add(byte[] key, byte[] position, At at, At source) {
    all.add(new Replayed(key, position, at, source));
  }

  void tell(ClaimLog.Sink sink) {
    Set<Place> left = new HashSet<>();
    all.forEach(each -> left.add(new Place(ByteBuffer.wrap(each.key()), each.source())));
    for (Replayed each : all) {
      if (!left.contains(new Place(ByteBuffer.wrap(each.key()), each.at()))) {
        sink.claim(each.key(), each.position());
      }
    }
  }
}
