package io.exactlyonce.engine.group;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.GroupProtocolChoice;
import io.exactlyonce.engine.spi.Backend;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Checks, before the first worker starts, that no other process has this instance's id. Where one
 * has it, that process goes on undisturbed and this pipeline does not start. The supervisor's
 * thread alone calls it.
 */
public final class InstanceCheck {
  /** Time beyond the session timeout that a broker may take to remove a member that is gone. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private static final String GROUP_SESSION = "consumer.session.timeout.ms";

  private final PipelineConfig config;
  private final InstanceConflicts namesakes;
  private final Duration sessionTimeout;
  private final Duration timeout;
  private long firstSeen;

  /**
   * @param sessionTimeout {@code session.timeout.ms} of the consumers, for the classic protocol
   * @param timeout of a request to the broker
   */
  public InstanceCheck(PipelineConfig config, Duration sessionTimeout, Duration timeout) {
    this.config = config;
    this.namesakes = new InstanceConflicts(config, timeout);
    this.sessionTimeout = sessionTimeout;
    this.timeout = timeout;
  }

  /**
   * Returns where no other process has the id.
   *
   * @throws Backend.UnreachableException where a member has it that may be a killed predecessor,
   *     whose session has yet to end; to be called again
   * @throws io.exactlyonce.config.ConfigurationException where the member has outlasted that
   *     session, so that another process must be alive
   */
  public void run(Admin admin) throws ExecutionException, TimeoutException, InterruptedException {
    Optional<MemberDescription> other = namesakes.find(admin);
    if (other.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    firstSeen = firstSeen == 0 ? now : firstSeen;
    Duration session = session(admin);
    if (now - firstSeen > session.plus(GRACE).toNanos()) {
      throw namesakes.refusal(other.get());
    }
    throw new Backend.UnreachableException(
        "waiting for the session of "
            + other.get().clientId()
            + " at "
            + other.get().host()
            + " to end: it was killed less than "
            + session.toSeconds()
            + " s ago, or runs under the same instance id",
        null);
  }

  /**
   * Starts the wait for a predecessor's session anew: a broker that was away begins all sessions
   * afresh.
   */
  public void postOutage() {
    firstSeen = 0;
  }

  /**
   * Session timeout of the group's members. With KIP-848 it is the group's or the broker's setting.
   */
  private Duration session(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    if (config.groupProtocol() == GroupProtocolChoice.CLASSIC) {
      return sessionTimeout;
    }
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, config.group());
    Map<ConfigResource, Config> found =
        admin.describeConfigs(List.of(group)).all().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    ConfigEntry entry = requireNonNull(found.get(group)).get(GROUP_SESSION);
    return entry == null ? sessionTimeout : Duration.ofMillis(Long.parseLong(entry.value()));
  }
}
