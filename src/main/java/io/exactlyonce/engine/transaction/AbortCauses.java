package io.exactlyonce.engine.transaction;

import io.exactlyonce.engine.failure.Causes;
import io.exactlyonce.engine.failure.PartitionsLostException;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.status.AbortCause;
import io.exactlyonce.guard.GuardLostException;
import io.exactlyonce.guard.GuardRenewedException;
import java.util.List;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.IllegalGenerationException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Maps the failure of a transaction to the cause under which its abort is counted. */
public final class AbortCauses {
  private record Rule(Class<? extends Throwable> exception, AbortCause cause) {}

  /** The first rule that fits counts: a retriable exception that no other names is a time-out. */
  private static final List<Rule> RULES =
      List.of(
          new Rule(ProducerFencedException.class, AbortCause.FENCED),
          new Rule(InvalidProducerEpochException.class, AbortCause.FENCED),
          new Rule(InvalidPidMappingException.class, AbortCause.FENCED),
          new Rule(InvalidTxnStateException.class, AbortCause.FENCED),
          new Rule(FencedInstanceIdException.class, AbortCause.FENCED),
          new Rule(PartitionsLostException.class, AbortCause.REBALANCE),
          new Rule(CommitFailedException.class, AbortCause.REBALANCE),
          new Rule(IllegalGenerationException.class, AbortCause.REBALANCE),
          new Rule(UnknownMemberIdException.class, AbortCause.REBALANCE),
          new Rule(StaleMemberEpochException.class, AbortCause.REBALANCE),
          new Rule(RebalanceInProgressException.class, AbortCause.REBALANCE),
          new Rule(RecordTooLargeException.class, AbortCause.RECORD),
          new Rule(RecordBatchTooLargeException.class, AbortCause.RECORD),
          new Rule(InvalidRecordException.class, AbortCause.RECORD),
          new Rule(UnknownTopicOrPartitionException.class, AbortCause.TOPIC),
          new Rule(UnknownTopicIdException.class, AbortCause.TOPIC),
          new Rule(InvalidOffsetException.class, AbortCause.TOPIC),
          new Rule(GuardRenewedException.class, AbortCause.GUARD),
          new Rule(GuardLostException.class, AbortCause.GUARD),
          new Rule(RetriableException.class, AbortCause.TIMEOUT));

  private AbortCauses() {}

  public static AbortCause of(TransactionFailure failure) {
    return RULES.stream()
        .filter(rule -> Causes.any(failure, rule.exception()::isInstance))
        .findFirst()
        .map(Rule::cause)
        .orElse(AbortCause.OTHER);
  }
}
