package io.exactlyonce.wiring;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.value.Membership;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What this instance calls itself where the configuration does not say: stable over restarts, since
 * a random id could fence nobody.
 */
record InstanceId(Map<String, String> environment, Supplier<Optional<String>> dns) {
  private static final String CHOSEN = "PIPELINE_INSTANCE_ID";
  private static final String FROM = "PIPELINE_INSTANCE_ID_FROM";

  static InstanceId ofThisProcess() {
    return new InstanceId(System.getenv(), ReverseDns::name);
  }

  /** Whether somebody chose it: a container's HOSTNAME is another one at each start. */
  private boolean isChosen() {
    return isSet(CHOSEN) || isSet(FROM);
  }

  private boolean isSet(String variable) {
    String value = environment.get(variable);
    return value != null && !value.isBlank();
  }

  /** A place in the group that nobody can find again would hold its partitions for nothing. */
  void check(PipelineConfig config, Map<String, String> raw) {
    if (config.membership() == Membership.STATIC
        && !isChosen()
        && !raw.containsKey("instance-id")) {
      throw new ConfigurationException(
          config.key("membership"),
          "static",
          "needs an instance id that survives restarts, and the host's name may not; set "
              + config.key("instance-id")
              + " or PIPELINE_INSTANCE_ID");
    }
  }

  String value() {
    if (isSet(CHOSEN)) {
      return requireNonNull(environment.get(CHOSEN)).trim();
    }
    if (isSet(FROM)) {
      return fromDns(requireNonNull(environment.get(FROM)).trim());
    }
    if (isSet("HOSTNAME")) {
      return requireNonNull(environment.get("HOSTNAME")).trim();
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "local";
    }
  }

  /**
   * Without an answer another name would do for now, and nobody would know it at the next start.
   */
  private String fromDns(String wish) {
    if (!wish.equals("dns")) {
      throw new ConfigurationException(FROM, wish, "only dns can be asked; set " + CHOSEN);
    }
    return dns.get()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    FROM, wish, "DNS has no name for this host's address; set " + CHOSEN));
  }
}
