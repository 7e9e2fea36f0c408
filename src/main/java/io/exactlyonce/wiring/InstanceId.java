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
 * Default of {@code instance-id}: PIPELINE_INSTANCE_ID, else the name in DNS where
 * PIPELINE_INSTANCE_ID_FROM is dns, else HOSTNAME, else the machine's name. A name that is the same
 * after a restart lets the new producers fence those of before, which a random one would not.
 */
record InstanceId(Map<String, String> environment, Supplier<Optional<String>> dns) {
  private static final String CHOSEN = "PIPELINE_INSTANCE_ID";
  private static final String FROM = "PIPELINE_INSTANCE_ID_FROM";

  static InstanceId ofThisProcess() {
    return new InstanceId(System.getenv(), ReverseDns::name);
  }

  /**
   * Whether the environment names the instance on purpose. HOSTNAME does not count: a container has
   * another one at each start.
   */
  private boolean isChosen() {
    return isSet(CHOSEN) || isSet(FROM);
  }

  private boolean isSet(String variable) {
    String value = environment.get(variable);
    return value != null && !value.isBlank();
  }

  /**
   * Refuses static membership without a chosen id: a member that comes back under another name does
   * not get its partitions, which wait for the session timeout.
   *
   * @throws ConfigurationException where no id was chosen
   */
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
   * The host's name in DNS. No other name replaces it: the next start may find the one in DNS, and
   * would not fence this one.
   *
   * @throws ConfigurationException where DNS has none, or another source than DNS is wanted
   */
  private String fromDns(String wish) {
    if (!wish.equals("dns")) {
      throw new ConfigurationException(
          FROM, wish, "only dns is supported; set it to dns, or set " + CHOSEN);
    }
    return dns.get()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    FROM, wish, "DNS has no name for this host's address; set " + CHOSEN));
  }
}
