package io.exactlyonce.explain;

import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.receipt.Receipt;
import io.exactlyonce.receipt.ReceiptReader;
import io.exactlyonce.receipt.Rewind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Finds the receipts whose spans hold an offset. A receipt is written after the record, mostly soon
 * after, so receipts are read from the record's time on, in windows that grow. Earlier ones are
 * read only where there must be one.
 */
final class ReceiptSearch {
  /** How far the clocks of the record's writer and of the receipt's writer may differ. */
  private static final Duration SKEW = Duration.ofMinutes(10);

  /** Ends of the windows, after the record's time; the last one ends at the present. */
  private static final List<Duration> WINDOWS =
      List.of(
          Duration.ofMinutes(1), Duration.ofMinutes(15), Duration.ofHours(4), Duration.ofDays(1));

  /**
   * Limit of offsets that are read only to find a later rewind, when no receipt has to be found any
   * more.
   */
  private static final long MAX_FURTHER = 200_000;

  /**
   * Longest time that a transaction is taken to last; its records are searched this far back at
   * most.
   */
  private static final Duration LONGEST_TRANSACTION = Duration.ofMinutes(1);

  private final Log log;
  private final String topic;
  private long read;
  private boolean isWhole = true;

  ReceiptSearch(Log log, String topic) {
    this.log = log;
    this.topic = topic;
  }

  long read() {
    return read;
  }

  /** Whether every search read up to the present. */
  boolean isWhole() {
    return isWhole;
  }

  /** Whether the topic has lost none of its receipts. */
  boolean hasAll() {
    return log.begins(log.partitions(topic)).values().stream().allMatch(begin -> begin == 0);
  }

  /** One search, with the receipts that it has found. */
  private static final class Search {
    private final RecordPosition position;
    private final Uuid topicId;
    private final List<Account> found = new ArrayList<>();
    private final Map<String, Long> before = new HashMap<>();

    Search(RecordPosition position, Uuid topicId) {
      this.position = position;
      this.topicId = topicId;
    }

    boolean visit(ConsumerRecord<byte[], byte[]> record) {
      if (record.value() == null) {
        return true;
      }
      Receipt receipt = parse(record);
      Long last = before.put(receipt.worker(), receipt.millis());
      for (Receipt.Span span : receipt.spans()) {
        if (covers(span)) {
          long longest = receipt.millis() - LONGEST_TRANSACTION.toMillis();
          found.add(
              new Account(
                  RecordPosition.of(record),
                  receipt,
                  span,
                  position.offset(),
                  last == null ? longest : Math.max(last, longest)));
        }
      }
      return true;
    }

    private boolean covers(Receipt.Span span) {
      long low = Rewind.isRewind(span) ? span.to() : span.from();
      long high = Rewind.isRewind(span) ? span.from() : span.to();
      return span.partition() == position.partition().partition()
          && low <= position.offset()
          && position.offset() < high
          && span.topicId().equals(topicId);
    }

    boolean isAccountedFor() {
      return found.stream().anyMatch(account -> !account.isRewind());
    }
  }

  private static Receipt parse(ConsumerRecord<byte[], byte[]> record) {
    try {
      return ReceiptReader.read(record.value());
    } catch (IllegalArgumentException e) {
      throw new KafkaException(
          RecordPosition.of(record) + " is " + e.getMessage() + "; name the topic of the receipts",
          e);
    }
  }

  /**
   * Finds the receipts of a position.
   *
   * @param millis the record's time, in ms since the epoch
   * @param isCommitted whether the group's offset is past the position, so that there must have
   *     been a receipt
   * @return in the order in which they were written
   */
  List<Account> find(RecordPosition position, Uuid topicId, long millis, boolean isCommitted) {
    List<TopicPartition> partitions = log.partitions(topic);
    Search search = new Search(position, topicId);
    long before = log.read();
    Map<TopicPartition, Long> ends = log.ends(partitions);
    Map<TopicPartition, Long> first = log.since(partitions, millis - SKEW.toMillis());
    Map<TopicPartition, Long> from = first;
    for (int i = 0; i <= WINDOWS.size(); i++) {
      boolean isLast = i == WINDOWS.size();
      Map<TopicPartition, Long> to =
          isLast ? ends : log.since(partitions, millis + WINDOWS.get(i).toMillis());
      boolean isNeeded = isCommitted && !search.isAccountedFor();
      if (!isNeeded && Log.count(from, ends) > MAX_FURTHER && Log.count(first, to) > MAX_FURTHER) {
        isWhole = false;
        break;
      }
      log.read(from, to, search::visit);
      from = to;
      if (Log.count(from, ends) == 0) { // the later windows begin at the present
        break;
      }
    }
    if (isCommitted && !search.isAccountedFor()) {
      log.read(log.begins(partitions), first, search::visit);
    }
    read += log.read() - before;
    search.found.sort(
        Comparator.comparingLong((Account account) -> account.receipt().millis())
            .thenComparing(account -> account.at().offset()));
    return search.found;
  }
}
