package io.exactlyonce.engine.group;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * Finds members of the group that have the name of one of this instance's workers and belong to
 * another process.
 *
 * <p>Two processes with one instance id would fence each other's producers for ever. Kafka does not
 * prevent it: a new producer always fences the older one, and so does a new static member of the
 * classic protocol. So the process that comes second has to look before it fences anything. The
 * member that it finds may also be a killed predecessor: the group removes that one when its
 * session ends, so a member that stays longer is alive.
 */
final class InstanceConflicts {
  /** Epoch of a static member that has left and whose place is kept for a restart (KIP-848). */
  private static final int LEFT_FOR_RESTART = -2;

  private static final String RELEASED = "released by ";

  private final PipelineConfig config;
  private final Duration timeout;

  InstanceConflicts(PipelineConfig config, Duration timeout) {
    this.config = config;
    this.timeout = timeout;
  }

  /**
   * Metadata of the offsets of a static member that has stopped cleanly: the mark, the member id,
   * and the metadata that was there before, which is the topic's id.
   */
  static String release(String memberId, String metadata) {
    return RELEASED + memberId + " " + metadata;
  }

  /** A member with the name of one of this instance's workers which did not stop cleanly. */
  Optional<MemberDescription> find(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    for (int worker : IntStream.range(0, config.workers()).toArray()) {
      Optional<MemberDescription> found = find(admin, worker);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** A member with that worker's name which did not stop cleanly. */
  Optional<MemberDescription> find(Admin admin, int worker)
      throws ExecutionException, TimeoutException, InterruptedException {
    Optional<MemberDescription> found = find(admin, worker, "");
    return found.isPresent() && isReleased(admin, found.get()) ? Optional.empty() : found;
  }

  /** A member with that worker's name and another id than the worker's own. */
  Optional<MemberDescription> find(Admin admin, int worker, String ownMemberId)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      var groups = get(admin.describeConsumerGroups(List.of(config.group())).all());
      return requireNonNull(groups.get(config.group())).members().stream()
          .filter(member -> member.clientId().equals(config.workerId(worker)))
          .filter(member -> !member.consumerId().equals(ownMemberId))
          .findFirst();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Whether a static member has stopped cleanly and only its place is left. KIP-848 shows it by the
   * epoch; in the classic protocol the metadata of the member's last offsets does. A member without
   * a partition left no offsets, so its session is waited for; no partition waits with it.
   */
  private boolean isReleased(Admin admin, MemberDescription member)
      throws ExecutionException, TimeoutException, InterruptedException {
    if (member.memberEpoch().filter(epoch -> epoch == LEFT_FOR_RESTART).isPresent()) {
      return true;
    }
    String mark = release(member.consumerId(), "");
    return get(admin.listConsumerGroupOffsets(config.group()).partitionsToOffsetAndMetadata())
        .values()
        .stream()
        .anyMatch(offset -> offset != null && offset.metadata().startsWith(mark));
  }

  /** The exception that names the other process and the remedy. */
  ConfigurationException refusal(MemberDescription other) {
    return new ConfigurationException(
        config.key("instance-id"),
        config.instanceId(),
        "another process runs: "
            + other.clientId()
            + " at "
            + other.host()
            + " is a member of group "
            + config.group()
            + "; give each instance an id of its own, by this key or PIPELINE_INSTANCE_ID, and"
            + " start this one again");
  }

  private <T> T get(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }
}
