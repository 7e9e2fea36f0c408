package io.exactlyonce.receipt.audit;

import static io.exactlyonce.receipt.Generation.UNKNOWN;
import static io.exactlyonce.receipt.Generation.number;

import io.exactlyonce.receipt.Generation;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.audit.report.Finding;
import io.exactlyonce.receipt.audit.report.Findings;
import io.exactlyonce.receipt.table.LongArray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Checks that receipts were written under the generation of claims that was valid then. A rebuild
 * of the claims fences every producer of the group before it writes its generation to the receipts.
 * A receipt behind it with a lower number is therefore of records that were admitted by claims that
 * had been replaced.
 */
final class Generations {
  /**
   * How far clocks may differ. Receipts in different partitions of their topic can be ordered only
   * by their times.
   */
  private static final Duration SKEW = Duration.ofMinutes(1);

  /** A receipt that begins a generation. */
  private record Begun(String generation, long number, long millis) {}

  private final ReceiptIndex index;
  private final Findings findings;
  private final List<Begun> begun = new ArrayList<>();
  private final Map<Integer, Long> highest = new HashMap<>();
  private final Map<String, Integer> known = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private final LongArray ofReceipts = new LongArray();
  private final BitSet late = new BitSet();

  /**
   * Numbers of receipts without a transaction: no fence stops their writers, so they may come late.
   */
  private final BitSet unfenced = new BitSet();

  Generations(ReceiptIndex index, Findings findings) {
    this.index = index;
    this.findings = findings;
  }

  /**
   * Adds a receipt, in the order of its partition of the receipts topic.
   *
   * @param number its number in the index; below 0 where it is not judged
   */
  void add(Receipt receipt, ConsumerRecord<byte[], byte[]> record, int number) {
    String begins = Generation.begunBy(receipt);
    if (!begins.isEmpty()) {
      begun.add(new Begun(begins, number(begins), receipt.millis()));
      highest.merge(record.partition(), number(begins), Math::max);
    }
    long of = number(receipt.generation());
    if (number >= 0) {
      ofReceipts.add(known.computeIfAbsent(receipt.generation(), this::name));
      unfenced.set(number, receipt.transactionalId().isEmpty());
      if (of != UNKNOWN && of < highest.getOrDefault(record.partition(), UNKNOWN)) {
        late.set(number);
      }
    }
    if (of != UNKNOWN) {
      highest.merge(record.partition(), of, Math::max);
    }
  }

  private int name(String generation) {
    names.add(generation);
    return names.size() - 1;
  }

  /** Reports receipts of replaced generations; to be called when all receipts were added. */
  void finish() {
    for (int p = 0; p < index.partitions().size(); p++) {
      followChain(index.source(p));
    }
    for (int receipt = 0; receipt < ofReceipts.size(); receipt++) {
      if (unfenced.get(receipt)) {
        continue;
      }
      String generation = names.get((int) ofReceipts.get(receipt));
      Begun replacing = replacing(number(generation), generation, index.millis(receipt));
      if (late.get(receipt) || replacing != null) {
        findings.add(
            Finding.Kind.UNACCOUNTED,
            index.where(receipt),
            1,
            String.format(
                "receipt %s is of the generation of claims %s, which %s had replaced",
                index.place(receipt),
                generation,
                replacing == null ? "a later one" : replacing.generation()));
      }
    }
  }

  /**
   * Marks receipts of one source partition that carry a lower generation than one at lower offsets.
   * Offsets give the order of its receipts, unless a rewind has set the group back.
   */
  private void followChain(SourcePartition source) {
    long most = UNKNOWN;
    if (begun.isEmpty() || !source.again.isEmpty()) {
      return;
    }
    for (int i = 0; i < source.table.size(); i++) {
      int receipt = source.table.receipt(i);
      long number = number(names.get((int) ofReceipts.get(receipt)));
      if (number != UNKNOWN && number < most) {
        late.set(receipt);
      }
      most = Math.max(most, number);
    }
  }

  /**
   * The generation that had replaced this one when the receipt was written; null where none had.
   * Two stores may use the same number: of its generations only the one that the log announces is
   * valid.
   */
  private @Nullable Begun replacing(long number, String generation, long millis) {
    if (number == UNKNOWN) {
      return null;
    }
    Begun other = null;
    for (Begun one : begun) {
      if (one.generation().equals(generation)) {
        other = null;
        number = one.number();
        break;
      }
      other = one.number() == number ? one : other;
    }
    for (Begun one : begun) {
      if (one.number() > number && one.millis() + SKEW.toMillis() < millis) {
        return one;
      }
    }
    return other;
  }
}
