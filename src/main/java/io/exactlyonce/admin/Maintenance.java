package io.exactlyonce.admin;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.deadletter.LetterLookup;
import io.exactlyonce.deadletter.RecordPosition;
import io.exactlyonce.deadletter.Replay;
import io.exactlyonce.deadletter.ReplayFilter;
import io.exactlyonce.deadletter.ReplayReport;
import io.exactlyonce.deadletter.ReplayScope;
import io.exactlyonce.eventid.EventIds;
import io.exactlyonce.explain.Explain;
import io.exactlyonce.explain.ExplainScope;
import io.exactlyonce.explain.Explanation;
import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.receipt.Rewind;
import io.exactlyonce.receipt.StoppedGroup;
import io.exactlyonce.receipt.audit.Audit;
import io.exactlyonce.receipt.audit.AuditScope;
import io.exactlyonce.receipt.audit.Since;
import io.exactlyonce.receipt.audit.report.AuditReport;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

/**
 * Maintenance of one pipeline, with its own names and settings. Each call opens Kafka clients,
 * works on the caller's thread until it is done, and closes them. What Kafka refuses or does not
 * answer is thrown as a {@link org.apache.kafka.common.KafkaException}.
 *
 * @param eventIds finds a record's event id as the pipeline does
 */
public record Maintenance(ClientConfigs clients, EventIds eventIds, Clock clock) {
  private static final Duration LOOK = Duration.ofSeconds(10);
  private static final Duration MIN_PATIENCE = Duration.ofSeconds(60);
  private static final int PRODUCER_TIMEOUT_MILLIS = 60_000;

  /**
   * Replays dead letters while the pipeline runs, each letter once. One replay of a group at a
   * time: a later one, of a command too, takes over and the earlier one fails.
   *
   * @param most so many letters at most; 0 for all
   * @throws IllegalArgumentException where the list of earlier replays cannot be read
   */
  public ReplayReport replay(
      ReplayFilter filter, Replay.Mode mode, long most, Replay.Watcher watcher) {
    PipelineConfig config = clients.config();
    return new Replay(
            this::admin,
            this::groupReader,
            this::producer,
            new ReplayScope(config.group(), config.deadLetters(), patience()),
            eventIds::findUsable,
            clock)
        .run(filter, mode, most, watcher);
  }

  /**
   * Audits the pipeline against all of its receipts.
   *
   * @param progress takes, on this thread, how many more records were read
   */
  public AuditReport audit(IntConsumer progress) {
    PipelineConfig config = clients.config();
    try (BoundedClose<Admin> admin = BoundedClose.of(admin())) {
      return new Audit(admin.client(), this::reader, eventIds::findUsable, patience(), progress)
          .run(
              new AuditScope(
                  config.group(),
                  config.subscribed(),
                  config.sinks(),
                  config.receipts(),
                  config.deadLetters(),
                  Since.oldest(),
                  config.guard().store() == GuardChoice.OFF,
                  config.guard().window(),
                  config.headers()));
    }
  }

  /**
   * Explains what became of an event, by the log and what the running instance knows, without the
   * claim in Redis.
   *
   * @param id its event id; null where {@code position} is given
   * @param position of its record, or of its output, retry or dead letter; read only where {@code
   *     id} is null
   * @param running knows the records that this instance's workers hold
   */
  public Explanation explain(
      @Nullable String id, @Nullable RecordPosition position, Explain.Running running) {
    PipelineConfig config = clients.config();
    ExplainScope scope =
        new ExplainScope(
            config.group(),
            Set.copyOf(config.source()),
            config.receipts(),
            config.deadLetters(),
            new ReplayScope(config.group(), config.deadLetters(), LOOK).log(),
            config.headers(),
            null,
            config.guard().window(),
            LOOK);
    Explain explain =
        new Explain(this::admin, this::reader, scope, eventIds::findUsable, clock, null, running);
    return id == null ? explain.position(requireNonNull(position)) : explain.id(id);
  }

  /**
   * Sets the group back, and writes a receipt that says so.
   *
   * @param because the reason, for the receipt
   * @param who the operator, for the receipt
   * @return the moves that were made
   * @throws org.apache.kafka.common.KafkaException naming the obstacle, such as members of the
   *     group
   */
  public List<StoppedGroup.Move> rewind(Rewind.Target target, String because, String who) {
    return onGroup(
        group -> {
          Rewind rewind = new Rewind(group);
          List<StoppedGroup.Move> moves = rewind.plan(target);
          rewind.run(moves, because, who);
          return moves;
        });
  }

  /**
   * The moves that {@link #rewind} would make from the group's present offsets. The group may have
   * members.
   */
  public List<StoppedGroup.Move> previewRewind(Rewind.Target target) {
    return onGroup(group -> new Rewind(group).preview(target));
  }

  /** Client ids of the members of the pipeline's group. */
  public Set<String> members() {
    return onGroup(StoppedGroup::members);
  }

  private <T> T onGroup(Function<StoppedGroup, T> work) {
    PipelineConfig config = clients.config();
    try (BoundedClose<Admin> admin = BoundedClose.of(admin())) {
      return work.apply(
          new StoppedGroup(
              config.group(),
              config.receipts(),
              admin.client(),
              () -> groupReader(config.group()),
              this::producer,
              clock,
              patience()));
    }
  }

  /**
   * Finds one dead letter, with its whole record.
   *
   * @return empty where there is none at the position
   * @throws org.apache.kafka.common.KafkaException where the cluster does not answer or refuses
   */
  public Optional<Letter> letter(RecordPosition at) {
    if (!at.partition().topic().equals(clients.config().deadLetters())) {
      return Optional.empty();
    }
    try (LetterLookup lookup = new LetterLookup(this::reader, LOOK)) {
      return Optional.ofNullable(lookup.find(List.of(at)).get(at));
    }
  }

  /**
   * Bound of each request: above the pipeline's transaction time-out, since open transactions are
   * waited for.
   */
  private Duration patience() {
    Duration open = clients.config().commits().transactionTimeout().multipliedBy(2);
    return open.compareTo(MIN_PATIENCE) > 0 ? open : MIN_PATIENCE;
  }

  private Admin admin() {
    return Admin.create(clients.admin());
  }

  private Consumer<byte[], byte[]> reader() {
    return new KafkaConsumer<>(readerSettings());
  }

  private Consumer<byte[], byte[]> groupReader(String group) {
    Map<String, Object> settings = readerSettings();
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    return new KafkaConsumer<>(settings);
  }

  private Map<String, Object> readerSettings() {
    Map<String, Object> settings = new HashMap<>(clients.reader());
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 * 1024 * 1024);
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId());
    return settings;
  }

  private Producer<byte[], byte[]> producer(String transactionalId) {
    Map<String, Object> settings = new HashMap<>(clients.producer(clientId()));
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, PRODUCER_TIMEOUT_MILLIS);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PRODUCER_TIMEOUT_MILLIS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PRODUCER_TIMEOUT_MILLIS / 6);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    return new KafkaProducer<>(settings);
  }

  private String clientId() {
    return clients.config().name() + "-" + clients.config().instanceId() + "-console";
  }
}
