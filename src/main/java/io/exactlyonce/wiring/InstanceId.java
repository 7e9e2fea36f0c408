package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.Membership;
import io.exactlyonce.config.PipelineConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;

/**
 * What this instance calls itself where the configuration does not say: stable over restarts, since
 * a random id could fence nobody.
 */
record InstanceId(Map<String, String> environment) {
  private static final String CHOSEN = "PIPELINE_INSTANCE_ID";

  /** Whether somebody chose it: a container's HOSTNAME is another one at each start. */
  private boolean isChosen() {
    String chosen = environment.get(CHOSEN);
    return chosen != null && !chosen.isBlank();
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
    for (String variable : new String[] {CHOSEN, "HOSTNAME"}) {
      String value = environment.get(variable);
      if (value != null && !value.isBlank()) {
        return value.trim();
      }
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "local";
    }
  }
}
