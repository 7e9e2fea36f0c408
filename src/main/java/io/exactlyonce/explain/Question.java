package io.exactlyonce.explain;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.value.RetryTopic;
import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.guard.RetryOrigin;
import io.exactlyonce.lag.GroupTopics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** One question and all that was found for it so far. */
final class Question {
  /** Limit of records that are looked into; more mean that unrelated records share the id. */
  private static final int MAX_RECORDS = 50;

  /** Time around a duplicate that is searched first for the record that it repeats. */
  private static final Duration NEAR = Duration.ofMinutes(1);

  private final Explain explain;
  private final ExplainScope scope;
  private final Set<String> topics;
  private final Log log;
  private final ReceiptSearch receipts;
  private final Tracer tracer;
  private final long began = System.nanoTime();
  private final Map<RecordPosition, Sighting> sightings = new LinkedHashMap<>();
  private @Nullable HeldClaim claim;
  private long sources;
  private @Nullable Instant since;
  private int more;

  Question(Explain explain, Log log) {
    this.explain = explain;
    this.scope = explain.scope();
    this.log = log;
    this.receipts = new ReceiptSearch(log, scope.receipts());
    GroupOffsets offsets = GroupOffsets.read(log, scope.group());
    refuse(
        offsets.isEmpty() && log.partitions(scope.receipts()).isEmpty(),
        "group "
            + scope.group()
            + " has no offsets, and there is no topic "
            + scope.receipts()
            + "; check the group's name");
    this.topics = scope.sources().isEmpty() ? found() : scope.sources();
    topics.forEach(this::refuseMissing);
    this.tracer = new Tracer(explain, log, offsets, receipts, new WrittenSearch(log));
  }

  private Set<String> found() {
    Set<String> found =
        new TreeSet<>(GroupTopics.find(log.offsets().admin(), scope.group(), scope.patience()));
    found.removeIf(topic -> topic.startsWith(RetryTopic.prefix(scope.group())));
    refuse(
        found.isEmpty(),
        "group "
            + scope.group()
            + " has neither offsets nor members; name the topics that it reads (--source)");
    return found;
  }

  private void refuseMissing(String topic) {
    refuse(log.partitions(topic).isEmpty(), "topic " + topic + " does not exist");
  }

  Explanation id(byte[] id) {
    String asked = new String(id, StandardCharsets.UTF_8);
    if (scope.since() == null) {
      traceHolder(id);
    }
    Sighting first = first();
    if (first != null && first.fate().isProcessed()) {
      claim = requireNonNull(claim).alone();
    } else {
      scan(id, since().toEpochMilli(), Long.MAX_VALUE).forEach(this::trace);
      settleDuplicates();
      first = first();
    }
    return first == null
        ? answer(asked, Fate.NEVER_SEEN, false, "no record of " + topics + " has it")
        : answer(asked, first.fate(), first.fate().isProcessed(), first.why());
  }

  /**
   * Traces the record that the claim on the id names. The claim is only a hint: the record has to
   * be there and to have the id, and its fate is read from the log.
   */
  private void traceHolder(byte[] id) {
    HeldClaim held = claim(id);
    RecordPosition at = held == null ? null : held.position();
    ConsumerRecord<byte[], byte[]> record = at == null ? null : log.record(at);
    if (record != null && Arrays.equals(id, explain.eventIds().apply(record))) {
      trace(record);
    }
  }

  /** The claim on the id, which is looked up once; null where claims are not looked up. */
  private @Nullable HeldClaim claim(byte[] id) {
    if (claim == null && explain.claims() != null) {
      claim = HeldClaim.ask(explain.claims(), id, log, topics);
    }
    return claim;
  }

  private Instant since() {
    return scope.since() == null ? explain.clock().instant().minus(scope.window()) : scope.since();
  }

  Explanation position(RecordPosition asked) {
    RecordPosition source = source(asked);
    TopicPartition partition = source.partition();
    ConsumerRecord<byte[], byte[]> record = null;
    long begin = requireNonNull(log.begins(List.of(partition)).get(partition));
    long end = requireNonNull(log.ends(List.of(partition)).get(partition));
    if (source.offset() >= end) {
      long high = requireNonNull(log.offsets().latest(List.of(partition)).get(partition));
      String why =
          source.offset() < high
              ? "its producer's transaction is open: it cannot be read yet"
              : partition + " ends at " + end;
      return answer(asked.toString(), Fate.NEVER_SEEN, false, why);
    }
    if (source.offset() >= begin) {
      record = log.record(source);
      if (record == null) {
        String why =
            "no record is there: it is a transaction's marker, was aborted, or compaction took it";
        return answer(asked.toString(), Fate.NEVER_SEEN, false, why);
      }
    }
    Sighting sighting = tracer.trace(source, record);
    sightings.put(source, sighting);
    if (sighting.fate() == Fate.DUPLICATE && record != null) {
      findHolder(record);
    } else if (sighting.fate() == Fate.REPLAYED) {
      trace(log.record(requireNonNull(sighting.other())));
    }
    settleDuplicates();
    Sighting settled = sightings.get(source);
    return answer(asked.toString(), settled.fate(), isProcessed(settled), settled.why());
  }

  private boolean isProcessed(Sighting sighting) {
    Sighting last =
        sighting.fate() == Fate.REPLAYED
            ? sightings.getOrDefault(sighting.other(), sighting)
            : sighting;
    return last.fate().isProcessed();
  }

  /** The position in a source that the given one leads to. */
  private RecordPosition source(RecordPosition asked) {
    RecordPosition at = asked;
    // From an output to a retry topic, and from there to the source.
    for (int i = 0; i < 2 && !topics.contains(at.partition().topic()); i++) {
      refuseMissing(at.partition());
      ConsumerRecord<byte[], byte[]> record = log.record(at);
      RecordPosition before = record == null ? null : before(record);
      if (before == null) {
        throw new KafkaException(
            at
                + " is in no topic that group "
                + scope.group()
                + " reads, and no record there names one; its topics are "
                + topics);
      }
      at = before;
    }
    refuseMissing(at.partition());
    return at;
  }

  private @Nullable RecordPosition before(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(scope.deadLetters())) {
      return new Letter(record).source();
    }
    return record.topic().startsWith(RetryTopic.prefix(scope.group()))
        ? RetryOrigin.find(record)
            .map(origin -> RecordPosition.parse(origin.toString()))
            .orElse(null)
        : SourceMatch.source(record, scope.headers().sourcePosition(), scope.group());
  }

  private void refuseMissing(TopicPartition partition) {
    refuseMissing(partition.topic());
    int count = log.partitions(partition.topic()).size();
    refuse(
        partition.partition() >= count,
        "there is no " + partition + ": " + partition.topic() + " has " + count + " partitions");
  }

  /** Searches the holder of a duplicate's id: near it first, then within the guard's window. */
  private void findHolder(ConsumerRecord<byte[], byte[]> record) {
    byte[] id = explain.eventIds().apply(record);
    if (id == null) {
      return;
    }
    long millis = record.timestamp();
    List<Duration> distances = List.of(NEAR, scope.window().plus(NEAR));
    for (Duration distance : distances) {
      scan(id, millis - distance.toMillis(), millis + distance.toMillis()).forEach(this::trace);
      if (first() != null && first().fate().holdsItsId()) {
        return;
      }
    }
  }

  private List<ConsumerRecord<byte[], byte[]>> scan(byte[] id, long begin, long end) {
    List<TopicPartition> partitions = log.partitions(topics);
    Map<TopicPartition, Long> from = log.since(partitions, begin);
    Map<TopicPartition, Long> to =
        end == Long.MAX_VALUE ? log.ends(partitions) : log.since(partitions, end);
    IdScan.Found found =
        new IdScan(explain.readers(), explain.eventIds(), scope.patience(), MAX_RECORDS)
            .find(id, from, to);
    sources += found.read();
    since = Instant.ofEpochMilli(begin);
    more = found.more();
    return found.records();
  }

  private void trace(@Nullable ConsumerRecord<byte[], byte[]> record) {
    if (record != null && !sightings.containsKey(RecordPosition.of(record))) {
      sightings.put(RecordPosition.of(record), tracer.trace(RecordPosition.of(record), record));
    }
  }

  /** The traced record whose fate is the event's; null where none was traced. */
  private @Nullable Sighting first() {
    return sightings.values().stream().min(Comparator.comparing(Sighting::fate)).orElse(null);
  }

  /** Adds to each duplicate the holder of its id: of several by fate, then by nearest time. */
  private void settleDuplicates() {
    sightings.replaceAll(
        (at, sighting) -> {
          if (sighting.fate() != Fate.DUPLICATE) {
            return sighting;
          }
          long millis = sighting.steps().get(0).time().toEpochMilli();
          return sightings.values().stream()
              .filter(other -> other.fate().holdsItsId())
              .min(
                  Comparator.comparing(Sighting::fate)
                      .thenComparing(
                          other -> Math.abs(other.steps().get(0).time().toEpochMilli() - millis)))
              .map(holder -> sighting.duplicateOf(holder.position()))
              .orElse(sighting);
        });
  }

  private Explanation answer(String asked, Fate fate, boolean isProcessed, String why) {
    Sighting any = sightings.values().stream().findFirst().orElse(null);
    if (any != null && any.eventId() != null) {
      claim(any.eventId().getBytes(StandardCharsets.UTF_8));
    }
    return new Explanation(
        scope.group(),
        asked,
        fate,
        isProcessed,
        why,
        List.copyOf(sightings.values()),
        more,
        new Explanation.Read(
            sources,
            since,
            receipts.read(),
            log.read() - receipts.read(),
            receipts.isWhole(),
            Duration.ofNanos(System.nanoTime() - began)),
        claim == null ? null : claim.told());
  }

  private static void refuse(boolean wrong, String why) {
    if (wrong) {
      throw new KafkaException(why);
    }
  }
}
