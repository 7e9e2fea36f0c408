package io.exactlyonce.receipt;

import java.util.List;
import java.util.SortedMap;
import org.apache.kafka.common.Uuid;

/**
 * What one transaction did, written in that transaction. The receipts of a source partition join
 * end to end up to the committed offset, so the log itself shows that nothing was left out or done
 * twice.
 *
 * @param worker who did it: {@code <pipeline>-<instance>-<worker>}
 * @param transactionalId the producer's
 * @param millis when it was handed over for commit, in ms since the epoch
 * @param spans one for each source partition, in the order in which they were first sent
 * @param outputs records written per sink topic, dead letters and delayed records included
 * @param decisions what an operator decided of records of these spans; and what kind of receipt it
 *     is, where no pipeline's transaction wrote it
 * @param generation the generation of claims that its records were admitted under; empty without a
 *     guard
 */
public record Receipt(
    String worker,
    String transactionalId,
    long millis,
    List<Span> spans,
    SortedMap<String, Integer> outputs,
    List<Decision> decisions,
    String generation) {

  public Receipt(
      String worker,
      String transactionalId,
      long millis,
      List<Span> spans,
      SortedMap<String, Integer> outputs) {
    this(worker, transactionalId, millis, spans, outputs, List.of(), "");
  }

  /**
   * A record at which its partition stood, and what somebody said to do with it.
   *
   * @param at its position, {@code topic-partition@offset}
   * @param done {@code skip} or {@code dead-letter}; or the kind of a receipt that no worker wrote
   *     for records it processed, such as {@code accept-loss}
   * @param why in the operator's words
   * @param who decided; empty where nobody is named
   */
  public record Decision(String at, String done, String why, String who) {
    public Decision(String at, String done, String why) {
      this(at, done, why, "");
    }
  }

  public static final int SCHEMA_VERSION = 1;

  /**
   * The records of one source partition in one transaction.
   *
   * @param from the first offset; where the last receipt of the partition ended
   * @param to one past the last offset, control records included; below {@code from} where the
   *     receipt is one of a rewind, which accounts for no record
   */
  public record Span(
      String topic, Uuid topicId, int partition, long from, long to, Outcomes outcomes, Sums sums) {

    /** One that accounts for no record. */
    public Span(String topic, Uuid topicId, int partition, long from, long to) {
      this(topic, topicId, partition, from, to, Outcomes.NONE, Sums.UNKNOWN);
    }

    public int processed() {
      return outcomes.processed;
    }

    public int skipped() {
      return outcomes.skipped;
    }

    public List<Long> duplicates() {
      return outcomes.duplicates;
    }

    public List<Long> deadLetters() {
      return outcomes.deadLetters;
    }

    public List<Long> passed() {
      return outcomes.passed;
    }

    public List<Long> delayed() {
      return outcomes.delayed;
    }

    public long outputSum() {
      return sums.outputs;
    }

    public long contentSum() {
      return sums.contents;
    }
  }

  /**
   * What became of the records of a span.
   *
   * @param processed records handed to the handler whose outcome was an emit
   * @param skipped records whose handler chose to skip
   * @param duplicates offsets of records dropped because another position holds their event id
   * @param deadLetters offsets of records that became dead letters
   * @param passed offsets of records that were given up without a trace elsewhere: by {@code
   *     on-exhausted: skip} or by an operator
   * @param delayed offsets of records that went on to a retry topic
   */
  public record Outcomes(
      int processed,
      int skipped,
      List<Long> duplicates,
      List<Long> deadLetters,
      List<Long> passed,
      List<Long> delayed) {
    static final Outcomes NONE = new Outcomes(0, 0, List.of(), List.of());

    public Outcomes(int processed, int skipped, List<Long> duplicates, List<Long> deadLetters) {
      this(processed, skipped, duplicates, deadLetters, List.of(), List.of());
    }
  }

  /**
   * Sums over what a span's processed records emitted; {@link OutputSum#UNKNOWN} where none was
   * processed, and of older versions.
   *
   * @param outputs {@link OutputSum#add} of each
   * @param contents {@link OutputSum#addContent} of each: of keys and values
   */
  public record Sums(long outputs, long contents) {
    public static final Sums UNKNOWN = new Sums(OutputSum.UNKNOWN, OutputSum.UNKNOWN);
  }
}
