package io.exactlyonce.engine.group;

import static io.exactlyonce.config.value.GroupProtocolChoice.CLASSIC;
import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.Membership;
import io.exactlyonce.engine.failure.Causes;
import io.exactlyonce.engine.failure.Phase;
import io.exactlyonce.engine.failure.Reaction;
import io.exactlyonce.engine.failure.TransactionFailure;
import io.exactlyonce.engine.spi.Backend;
import io.exactlyonce.engine.spi.PipelineClients;
import io.exactlyonce.receipt.BoundedClose;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's place in its group: how it is let go, and who else claims it. The worker's thread
 * alone calls it.
 */
public record GroupMembership(PipelineConfig config, PipelineClients clients, int worker) {
  private static final Logger LOG = LoggerFactory.getLogger(GroupMembership.class);
  private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);

  /**
   * Where the broker would refuse the worker its place, it must not take its transactional ids from
   * whoever holds it. That one is a second process; or this worker itself, where the broker's
   * answer to its joining was lost, and then it is forgotten when its session ends.
   *
   * @throws Backend.UnreachableException where somebody holds the place, or the broker does not
   *     answer; to be called again, however often: nothing was taken
   * @throws TransactionFailure where the broker refuses
   */
  public void check() {
    if (config.groupProtocol() == CLASSIC || config.membership() != Membership.STATIC) {
      return;
    }
    try (BoundedClose<Admin> admin = BoundedClose.of(clients.admin())) {
      var other = new InstanceConflicts(config, CLOSE_BOUND).find(admin.client(), worker);
      if (other.isPresent()) {
        throw new Backend.UnreachableException(
            taken("another process runs at " + other.get().host()), null);
      }
    } catch (ExecutionException e) {
      throw TransactionFailure.of(Phase.INIT, requireNonNull(e.getCause()));
    } catch (TimeoutException e) {
      throw new Backend.UnreachableException("the broker does not tell who is in the group", e);
    } catch (KafkaException e) {
      throw TransactionFailure.of(Phase.INIT, e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /**
   * Behind a clean drain: tells a successor under the same id that nobody is at the place any more,
   * so that it need not wait for the session to end. KIP-848 has a heartbeat for that, the classic
   * protocol has nothing. What is committed stays as it is: the offsets are the broker's own.
   */
  public void maybeRelease(GroupMembershipOperation leaving, Consumer<byte[], byte[]> consumer) {
    if (!isKept(leaving) || config.groupProtocol() != CLASSIC) {
      return;
    }
    try {
      Set<TopicPartition> assigned = consumer.assignment();
      String member = consumer.groupMetadata().memberId();
      Map<TopicPartition, OffsetAndMetadata> marked = new HashMap<>();
      consumer
          .committed(assigned, CLOSE_BOUND)
          .forEach(
              (partition, offset) -> {
                if (offset != null) {
                  marked.put(
                      partition,
                      new OffsetAndMetadata(
                          offset.offset(),
                          offset.leaderEpoch(),
                          InstanceConflicts.release(member, offset.metadata())));
                } else if (consumer.position(partition, CLOSE_BOUND) == 0) {
                  // Nothing was ever read: that is where it stands, receipts or none.
                  marked.put(
                      partition, new OffsetAndMetadata(0, InstanceConflicts.release(member, "")));
                }
              });
      consumer.commitSync(marked, CLOSE_BOUND);
    } catch (KafkaException e) {
      LOG.warn(
          "{}: a successor will wait for this one's session to end: {}",
          config.workerId(worker),
          e.toString());
    }
  }

  /**
   * Kafka's own default lets a dynamic member go and keeps a static one's place. So it is here too,
   * but for a worker that nobody will start again.
   */
  public void close(
      GroupMembershipOperation leaving,
      @Nullable Throwable failure,
      Consumer<byte[], byte[]> consumer) {
    boolean isHopeless = failure instanceof TransactionFailure f && f.reaction() == Reaction.STOP;
    consumer.close(
        CloseOptions.timeout(CLOSE_BOUND)
            .withGroupMembershipOperation(
                isHopeless ? GroupMembershipOperation.LEAVE_GROUP : leaving));
  }

  private boolean isKept(GroupMembershipOperation leaving) {
    return leaving != GroupMembershipOperation.LEAVE_GROUP
        && config.membership() == Membership.STATIC;
  }

  /**
   * A fence has harmless reasons: a transaction that timed out, a guard that is rebuilt. But two
   * processes that were started with one id at the same moment, so that neither saw the other, end
   * here: of the two members, both of which are in the group by now, the one with the greater
   * member id gives up.
   *
   * @throws TransactionFailure where this is the one
   */
  public void maybeGiveUp(TransactionFailure failure, Consumer<byte[], byte[]> consumer) {
    if (Causes.any(failure, FencedInstanceIdException.class::isInstance)) {
      // The broker lets a static member's place go to the one that came last.
      throw lostTo(failure, "another process has joined under it");
    }
    if (!Causes.any(failure, ProducerFencedException.class::isInstance)
        && !Causes.any(failure, InvalidProducerEpochException.class::isInstance)) {
      return;
    }
    String own = consumer.groupMetadata().memberId();
    try (BoundedClose<Admin> admin = BoundedClose.of(clients.admin())) {
      var other = new InstanceConflicts(config, CLOSE_BOUND).find(admin.client(), worker, own);
      if (other.isPresent() && other.get().consumerId().compareTo(own) < 0) {
        throw lostTo(failure, "another process runs at " + other.get().host());
      }
    } catch (TransactionFailure e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      // The broker does not answer: recovery, which is what comes next, finds that out.
      LOG.info("{}: cannot look for a second process: {}", config.workerId(worker), e.toString());
    }
  }

  private TransactionFailure lostTo(TransactionFailure failure, String what) {
    return new TransactionFailure(
        failure.phase(), Reaction.STOP, new IllegalStateException(taken(what), failure.getCause()));
  }

  private String taken(String what) {
    return config.key("instance-id")
        + " = "
        + config.instanceId()
        + ": "
        + what
        + "; give each instance an id of its own, by this key or PIPELINE_INSTANCE_ID, and start"
        + " this one again";
  }
}
