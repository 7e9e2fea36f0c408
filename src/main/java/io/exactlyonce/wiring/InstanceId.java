package io.exactlyonce.wiring;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;

/**
 * What this instance calls itself where the configuration does not say: stable over restarts, since
 * a random id could fence nobody.
 */
record InstanceId(Map<String, String> environment) {

  String value() {
    for (String variable : new String[] {"PIPELINE_INSTANCE_ID", "HOSTNAME"}) {
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
