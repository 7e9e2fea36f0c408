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
 * A worker's membership in its group: keeps or gives it up at the end, and looks for other
 * processes that have the same member name. The worker's thread alone calls it.
 */
public record GroupMembership(PipelineConfig config, PipelineClients clients, int worker) {
  private static final Logger LOG = LoggerFactory.getLogger(GroupMembership.class);
  private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);

  /**
   * Refuses the start while another member has this worker's name. Only for static members with
   * KIP-848, whose join the broker would refuse then: the worker must not fence the producers of
   * the member that holds the place. That member is a second process; or an earlier join of this
   * worker whose answer was lost, which the group removes when its session ends.
   *
   * @throws Backend.UnreachableException where another member has the name, or the broker does not
   *     answer; to be called again, however often, since nobody was fenced
   * @throws TransactionFailure where the broker answers with another error
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
      throw new Backend.UnreachableException(
          "Kafka has not answered in time which members group " + config.group() + " has", e);
    } catch (KafkaException e) {
      throw TransactionFailure.of(Phase.INIT, e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /**
   * Marks the committed offsets of a static member as released, after a clean drain: a successor
   * under the same id then need not wait for the session to end. For the classic protocol alone;
   * KIP-848 has a heartbeat for that. The offsets are committed again as the broker returns them.
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
                  // Nothing was ever read, so offset 0 is where the partition stands in any case.
                  marked.put(
                      partition, new OffsetAndMetadata(0, InstanceConflicts.release(member, "")));
                }
              });
      consumer.commitSync(marked, CLOSE_BOUND);
    } catch (KafkaException e) {
      LOG.warn(
          "{}: its offsets could not be marked as released, so the next process with this"
              + " instance-id has to wait for the session to end: {}",
          config.workerId(worker),
          e.toString());
    }
  }

  /**
   * Closes the consumer within {@code CLOSE_BOUND}. As Kafka does by default, a dynamic member
   * leaves the group and a static one keeps its place; a worker that will not be started again
   * leaves in any case.
   *
   * @param failure what ended the worker; null after a clean stop
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
   * Ends the worker where a second process with the same id has fenced it. A fence has harmless
   * reasons too: a transaction that timed out, or claims that are rebuilt. But two processes that
   * were started with one id at the same moment have not seen each other before: both are in the
   * group here, and the one with the greater member id gives up.
   *
   * @throws TransactionFailure with {@link Reaction#STOP}, where this worker gives up
   */
  public void maybeGiveUp(TransactionFailure failure, Consumer<byte[], byte[]> consumer) {
    if (Causes.any(failure, FencedInstanceIdException.class::isInstance)) {
      // The broker gives the place of a static member to the one that joined last.
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
      // The broker does not answer: the recovery that follows deals with that.
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
