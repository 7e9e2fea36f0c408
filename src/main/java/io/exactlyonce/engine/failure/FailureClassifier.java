package io.exactlyonce.engine.failure;

import static io.exactlyonce.engine.failure.Reaction.*;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.IllegalGenerationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * Table from the phase and the exception of a failure to the reaction. The first rule that fits
 * decides. A rule is compared with the exception and with its causes, since a producer in its error
 * state wraps the exception that put it there; the rules for {@code RuntimeException}, {@code
 * Throwable} and {@code RETRY_COMMIT} are compared with the exception alone.
 */
public final class FailureClassifier {
  /**
   * One row of the table.
   *
   * @param phases where the rule applies
   */
  record Rule(Set<Phase> phases, Class<? extends Throwable> exception, Reaction reaction) {
    boolean fits(Phase phase, Throwable thrown) {
      return phases.contains(phase) && exception.isInstance(thrown);
    }
  }

  private static final Set<Phase> ANY = EnumSet.allOf(Phase.class);
  private static final Set<Phase> TRANSACTION =
      EnumSet.of(Phase.SEND, Phase.OFFSETS, Phase.COMMIT, Phase.ABORT, Phase.INIT);
  private static final Set<Phase> SENT = EnumSet.of(Phase.SEND, Phase.OFFSETS, Phase.COMMIT);
  private static final Set<Phase> BEFORE_COMMIT = EnumSet.of(Phase.SEND, Phase.OFFSETS);

  static final List<Rule> RULES =
      List.of(
          new Rule(ANY, AuthorizationException.class, STOP),
          new Rule(ANY, AuthenticationException.class, STOP),
          new Rule(ANY, UnsupportedVersionException.class, STOP),
          // The record's fault: it becomes a dead letter. A subclass of the next rule's exception.
          new Rule(SENT, InvalidRecordException.class, ABORT_AND_REWIND),
          new Rule(ANY, InvalidConfigurationException.class, STOP),
          new Rule(ANY, InvalidTxnTimeoutException.class, STOP),
          new Rule(ANY, ConfigException.class, STOP),
          new Rule(ANY, FencedInstanceIdException.class, RESTART_WORKER),
          new Rule(TRANSACTION, ProducerFencedException.class, REBUILD_PRODUCERS),
          new Rule(TRANSACTION, InvalidProducerEpochException.class, REBUILD_PRODUCERS),
          new Rule(TRANSACTION, InvalidPidMappingException.class, REBUILD_PRODUCERS),
          new Rule(TRANSACTION, InvalidTxnStateException.class, REBUILD_PRODUCERS),
          new Rule(TRANSACTION, OutOfOrderSequenceException.class, REBUILD_PRODUCERS),
          new Rule(TRANSACTION, IllegalGenerationException.class, REBUILD_PRODUCERS),
          new Rule(TRANSACTION, UnknownMemberIdException.class, REBUILD_PRODUCERS),
          // The superclass of most of those above (KIP-1050), and of what Kafka may add to them.
          new Rule(TRANSACTION, ApplicationRecoverableException.class, REBUILD_PRODUCERS),
          new Rule(BEFORE_COMMIT, TransactionAbortableException.class, ABORT_AND_REWIND),
          new Rule(EnumSet.of(Phase.SEND), CommitFailedException.class, ABORT_AND_REWIND),
          // Thrown by the producer where the group rejects the generation or the member id.
          new Rule(EnumSet.of(Phase.OFFSETS), CommitFailedException.class, ABORT_AND_RESEND),
          new Rule(EnumSet.of(Phase.COMMIT), TransactionAbortableException.class, ABORT_AND_REWIND),
          new Rule(EnumSet.of(Phase.COMMIT), CommitFailedException.class, ABORT_AND_REWIND),
          new Rule(EnumSet.of(Phase.COMMIT), TimeoutException.class, RETRY_COMMIT),
          new Rule(EnumSet.of(Phase.COMMIT), InterruptException.class, REBUILD_PRODUCERS),
          new Rule(EnumSet.of(Phase.INIT, Phase.ABORT), KafkaException.class, REBUILD_PRODUCERS),
          new Rule(EnumSet.of(Phase.POLL), RetriableException.class, ABORT_AND_REWIND),
          // The group has rebalanced while the consumer asked its coordinator.
          new Rule(EnumSet.of(Phase.POLL), StaleMemberEpochException.class, ABORT_AND_REWIND),
          new Rule(EnumSet.of(Phase.POLL), UnknownMemberIdException.class, ABORT_AND_REWIND),
          new Rule(EnumSet.of(Phase.POLL), RebalanceInProgressException.class, ABORT_AND_REWIND),
          // The position is not in the log: the rewind finds out which records are gone.
          new Rule(EnumSet.of(Phase.POLL), InvalidOffsetException.class, ABORT_AND_REWIND),
          new Rule(BEFORE_COMMIT, ApiException.class, ABORT_AND_REWIND),
          new Rule(EnumSet.of(Phase.COMMIT), ApiException.class, ABORT_AND_REWIND),
          new Rule(TRANSACTION, RuntimeException.class, REBUILD_PRODUCERS),
          new Rule(ANY, Throwable.class, RESTART_WORKER));

  private FailureClassifier() {}

  static Reaction reaction(Phase phase, Throwable thrown) {
    for (Rule rule : RULES) {
      boolean itself =
          rule.exception() == RuntimeException.class
              || rule.exception() == Throwable.class
              || rule.reaction() == RETRY_COMMIT;
      if (itself
          ? rule.fits(phase, thrown)
          : Causes.any(thrown, cause -> rule.fits(phase, cause))) {
        return rule.reaction();
      }
    }
    throw new IllegalStateException("the last rule fits everything");
  }
}
