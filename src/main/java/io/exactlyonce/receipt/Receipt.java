package io.exactlyonce.receipt;

import java.util.List;
import java.util.SortedMap;
import org.apache.kafka.common.Uuid;

/**
 * List of what one transaction did, written within that transaction. The receipts of a source
 * partition join end to end up to the committed offset, so the log itself shows that nothing was
 * left out or done twice.
 *
 * @param worker writer of the receipt: {@code <pipeline>-<instance>-<worker>}, or a command's
 *     transactional id
 * @param transactionalId the producer's; empty where no transaction wrote the receipt
 * @param millis time of the hand-over for commit, in ms since the epoch
 * @param spans one for each source partition, in the order in which they were first sent
 * @param outputs number of records written to each sink topic, dead letters and delayed records
 *     included
 * @param decisions decisions about records of these spans; in a command's receipt they name its
 *     kind
 * @param generation the generation of claims under which the records were admitted; empty without a
 *     guard and in a command's receipt
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
   * A decision about a record: by an operator where its partition was stopped, by a command, or by
   * a worker that found the topic recreated.
   *
   * @param at the record's position, {@code topic-partition@offset}; a range of lost records,
   *     {@code topic-partition@first-last}; or the name of a generation
   * @param done {@code skip} or {@code dead-letter}; or the kind of receipt, such as {@code
   *     accept-loss}
   * @param why the reason, mostly in an operator's words
   * @param who name of the operator; empty where none is given
   */
  public record Decision(String at, String done, String why, String who) {
    /** What a worker has done that found the source recreated: it reads it from its beginning. */
    public static final String MADE_ANEW = "topic-made-anew";

    public Decision(String at, String done, String why) {
      this(at, done, why, "");
    }
  }

  public static final int SCHEMA_VERSION = 1;

  /**
   * The records of one source partition in one transaction.
   *
   * @param from the first offset, at which the partition's previous receipt ended
   * @param to one past the last offset, control records included; below {@code from} in a rewind's
   *     receipt, which accounts for no record
   */
  public record Span(
      String topic, Uuid topicId, int partition, long from, long to, Outcomes outcomes, Sums sums) {

    /** A span that accounts for no record. */
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
   * Outcomes of the records of a span.
   *
   * @param processed number of records for which the handler chose to emit
   * @param skipped number of records that the handler chose to skip
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
   * Sums over the outputs of a span's processed records; {@link OutputSum#UNKNOWN} where none was
   * processed, and in receipts of older versions.
   *
   * @param outputs sum by {@link OutputSum#add}, of source offsets and sinks
   * @param contents sum by {@link OutputSum#addContent}, of keys and values too
   */
  public record Sums(long outputs, long contents) {
    public static final Sums UNKNOWN = new Sums(OutputSum.UNKNOWN, OutputSum.UNKNOWN);
  }
}
