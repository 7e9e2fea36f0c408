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
 * <p>A receipt that accounts for a replayed record, and not as a duplicate, proves that the record
 * took the claim over. The record that became its dead letter has a receipt too and the same event
 * id, and may be read before it or after it, since they may stand in different partitions. So the
 * claims of replayed records are passed on last, and of a record that was replayed several times
 * only the last.
 *
 * <p>Positions are compared with their topic's id: a record that is replayed into a recreated topic
 * may have the very offset that the letter's record had in the former one.
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
   * Holds a claim back.
   *
   * @param source position of the record that became the dead letter
   */
  void add(byte[] key, byte[] position, byte[] source) {
    all.add(new Replayed(key, position, source));
  }

  /** Passes on the claims whose positions no further replay has left. */
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
