package io.exactlyonce.explain;

import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.Replayed;
import io.exactlyonce.guard.RetryOrigin;
import io.exactlyonce.receipt.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Finds the fate of a source record by following it from receipt to receipt, through retry topics.
 */
final class Tracer {
  private final Log log;
  private final ExplainScope scope;
  private final GroupOffsets offsets;
  private final ReceiptSearch receipts;
  private final WrittenSearch written;
  private final Letters letters;
  private final Function<ConsumerRecord<byte[], byte[]>, byte[]> eventIds;
  private final Explain.@Nullable Running running;

  Tracer(
      Explain explain,
      Log log,
      GroupOffsets offsets,
      ReceiptSearch receipts,
      WrittenSearch written) {
    this.log = log;
    this.scope = explain.scope();
    this.offsets = offsets;
    this.receipts = receipts;
    this.written = written;
    this.letters = new Letters(log, scope, written);
    this.eventIds = explain.eventIds();
    this.running = explain.running();
  }

  /**
   * A record that is followed: {@code here} is its position, in the source first, then in retry
   * topics.
   */
  private final class Trail {
    private final RecordPosition source;
    private final @Nullable String eventId;
    private final List<Step> steps = new ArrayList<>();
    private RecordPosition here;

    /** Timestamp of the record at {@code here}, in ms since the epoch; 0 where it is not known. */
    private long millis;

    /** When the record at {@code here} is due, if that is in a retry topic; else null. */
    private @Nullable Instant due;

    Trail(RecordPosition source, @Nullable ConsumerRecord<byte[], byte[]> record) {
      this.source = source;
      this.here = source;
      byte[] id = record == null ? null : eventIds.apply(record);
      this.eventId = id == null ? null : new String(id, StandardCharsets.UTF_8);
      if (record != null) {
        millis = record.timestamp();
        Replayed replayed = Replayed.of(record.headers());
        String told = replayed == null ? "" : "written by the replay of " + replayed.letter();
        steps.add(Step.of(Step.What.RECORD, record, told));
      }
    }

    private Uuid topicId() {
      return log.topicId(here.partition().topic());
    }

    private Sighting end(Fate fate, String why, @Nullable RecordPosition other) {
      steps.sort(Comparator.comparing(Step::time).thenComparing(Step::what));
      Instant until = fate == Fate.WAITING ? due : null;
      return new Sighting(source, eventId, fate, why, other, until, List.copyOf(steps));
    }

    private Sighting follow() {
      long committed = offsets.of(here.partition());
      List<Account> accounts = receipts.find(here, topicId(), millis, committed > here.offset());
      accounts.forEach(account -> steps.add(step(account)));
      boolean isRewound =
          !accounts.isEmpty()
              && accounts.get(accounts.size() - 1).isRewind()
              && committed <= here.offset();
      Account last =
          accounts.stream().filter(account -> !account.isRewind()).reduce((a, b) -> b).orElse(null);
      return last == null || isRewound ? open(committed, isRewound) : closed(last);
    }

    private Step step(Account account) {
      Receipt receipt = account.receipt();
      Receipt.Span span = account.span();
      String range = here.partition() + "@" + span.from() + "-" + (span.to() - 1);
      return new Step(
          Instant.ofEpochMilli(receipt.millis()),
          account.isRewind() ? Step.What.REWIND : Step.What.RECEIPT,
          account.at(),
          account.isRewind()
              ? "the group went back from " + span.from() + " to " + span.to()
              : "of " + range,
          null,
          receipt);
    }

    /** The fate of a record that no receipt accounts for at {@code here}. */
    private Sighting open(long committed, boolean isRewound) {
      if (committed > here.offset()) {
        String why =
            receipts.hasAll()
                ? "the group's offset, " + committed + ", was set past it without a receipt"
                : "no receipt of it is left: older receipts were deleted by retention, so its"
                    + " outcome is not known";
        return end(Fate.UNKNOWN, why, null);
      }
      Explain.Standing standing = running == null ? null : running.find(here);
      boolean isStopped = standing != null && standing.fate() == Fate.STOPPED;
      if (due != null && !isStopped) {
        return end(Fate.WAITING, "it waits in " + here.partition().topic() + " until " + due, here);
      }
      String before =
          (isRewound ? "the group was set back before it; " : "")
              + (committed < 0
                  ? "the group has no offset of it"
                  : "the group's offset is " + committed);
      return standing == null
          ? end(Fate.NOT_YET, before + asTheLogTells(committed), null)
          : end(standing.fate(), before + "; " + standing.why(), null);
    }

    private String asTheLogTells(long committed) {
      boolean isNext = log.firstFrom(here.partition(), Math.max(0, committed)) == here.offset();
      return isNext
          ? ", and it is the next one: in flight, or its partition is stopped at it, which"
              + " /pipelines shows"
          : ": in flight, or not yet read";
    }

    private Sighting closed(Account account) {
      Receipt.Span span = account.span();
      long offset = here.offset();
      Receipt.Decision decision = account.decision();
      String decided =
          decision == null ? "" : " by decision (" + decision.done() + "): " + decision.why();
      if (account.isLoss()) {
        return end(Fate.GIVEN_UP, "it was gone, and the group was set past it: accept-loss", null);
      } else if (span.duplicates().contains(offset)) {
        return end(Fate.DUPLICATE, "another record held its event id, and was not found", null);
      } else if (span.passed().contains(offset)) {
        return end(Fate.GIVEN_UP, "it was given up" + decided, null);
      } else if (span.deadLetters().contains(offset)) {
        return dead(account);
      } else if (span.delayed().contains(offset)) {
        return delayed(account);
      }
      return handled(account);
    }

    private Sighting handled(Account account) {
      Receipt.Span span = account.span();
      if (span.processed() == 0) {
        return end(Fate.SKIPPED, "its handler skipped it", null);
      }
      String header = scope.headers().sourcePosition();
      SourceMatch match = new SourceMatch(header, here, topicId(), scope.group());
      List<ConsumerRecord<byte[], byte[]>> outputs =
          written.find(account, topic -> !isOwn(topic), match::test);
      outputs.forEach(output -> steps.add(Step.of(Step.What.OUTPUT, output, id(output))));
      String why =
          !scope.headers().hasSourcePosition()
              ? "its outputs are not known: they carry no source position"
              : !outputs.isEmpty()
                  ? "it has " + outputs.size() + (outputs.size() == 1 ? " output" : " outputs")
                  : "no outputs of it were found"
                      + (span.skipped() > 0 ? "; its handler may have skipped it" : "");
      return end(Fate.PROCESSED, why, null);
    }

    private boolean isOwn(String topic) {
      return topic.equals(scope.deadLetters()) || isRetryTopic(topic);
    }

    private String id(ConsumerRecord<byte[], byte[]> output) {
      var id = output.headers().lastHeader(scope.headers().eventId());
      return id == null || id.value() == null ? "" : new String(id.value(), StandardCharsets.UTF_8);
    }

    private Sighting delayed(Account account) {
      List<ConsumerRecord<byte[], byte[]>> waiting =
          written.find(account, Tracer.this::isRetryTopic, this::isMine);
      if (waiting.isEmpty()) {
        return end(Fate.WAITING, "it went to a retry topic, whose record is gone", null);
      }
      ConsumerRecord<byte[], byte[]> record = waiting.get(0);
      due = RetryOrigin.find(record).map(origin -> Instant.ofEpochMilli(origin.due())).orElse(null);
      steps.add(Step.of(Step.What.RETRY, record, "to be handled again at " + due));
      here = RecordPosition.of(record);
      millis = record.timestamp();
      return follow();
    }

    private boolean isMine(ConsumerRecord<byte[], byte[]> waiting) {
      return RetryOrigin.find(waiting)
          .map(RetryOrigin::toString)
          .orElse("")
          .equals(source.toString());
    }

    private Sighting dead(Account account) {
      Letter letter = letters.find(account, source);
      if (letter == null) {
        return end(Fate.DEAD_LETTER, "its dead letter is gone", null);
      }
      String thrown = letter.exception() == null ? "" : ": " + letter.exception();
      steps.add(Step.of(Step.What.LETTER, letter.record(), letter.reason() + thrown));
      ConsumerRecord<byte[], byte[]> replayed = letters.replayed(letter, source);
      if (replayed == null) {
        return end(Fate.DEAD_LETTER, letter.reason() + thrown, letter.at());
      }
      steps.add(Step.of(Step.What.REPLAY, replayed, "of " + letter.at()));
      return end(
          Fate.REPLAYED,
          "its dead letter " + letter.at() + " was replayed as " + RecordPosition.of(replayed),
          RecordPosition.of(replayed));
    }
  }

  private boolean isRetryTopic(String topic) {
    return topic.startsWith(RetryTopic.prefix(scope.group()));
  }

  /**
   * Finds the fate of a source record.
   *
   * @param record null where it is gone
   */
  Sighting trace(RecordPosition source, @Nullable ConsumerRecord<byte[], byte[]> record) {
    return new Trail(source, record).follow();
  }
}
