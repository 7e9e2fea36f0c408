package io.exactlyonce.wiring;

import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.Secrets;
import io.micronaut.context.env.Environment;
import io.micronaut.context.env.PropertySource;
import io.micronaut.context.exceptions.BeanContextException;
import io.micronaut.http.server.exceptions.ServerStartupException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Explains in one line why the application cannot start. Messages of other libraries are repeated
 * without line ends and without configured secrets.
 */
final class StartFailure {
  private static final Pattern UNCONVERTED =
      Pattern.compile(
          "Error resolving property value \\[([^]]+)]\\. Unable to convert value \\[(.*?)] to target"
              + " type \\[([^]]+)]",
          Pattern.DOTALL);

  /** The bean that could not be made, in a message of Micronaut that may name others too. */
  private static final Pattern BEAN =
      Pattern.compile("(?:bean of type |Bean definition )\\[([\\w.$]+)|of class: ([\\w.$]+)");

  private static final Pattern USER_INFO = Pattern.compile("://[^/@\\s]*@");
  private static final Pattern ASSIGNED =
      Pattern.compile("(?i)((?:password|passwd|pwd|secret|token)\\s*=\\s*)[^&;,\\s]+");

  private static final int MAX_CAUSES = 50;
  private static final int MAX_LENGTH = 600;

  private StartFailure() {}

  /** The line; empty where neither a setting nor a bean is the cause. */
  static Optional<String> explain(Throwable thrown, Environment environment) {
    return setting(thrown).or(() -> bean(thrown, environment));
  }

  /**
   * The line about a wrong setting, whether we or Micronaut found it; empty where none is the
   * cause.
   */
  static Optional<String> setting(Throwable thrown) {
    boolean isServer = false;
    for (Throwable cause : causes(thrown)) {
      if (cause instanceof ConfigurationException wrong) {
        return Optional.of(String.valueOf(wrong.getMessage()));
      }
      Matcher value = UNCONVERTED.matcher(String.valueOf(cause.getMessage()));
      if (value.find()) {
        return Optional.of(unconverted(value.group(1), value.group(2), value.group(3)));
      }
      isServer |= cause instanceof ServerStartupException;
      if (isServer && cause instanceof SocketException) {
        return Optional.of(
            "micronaut.server.port: "
                + cause.getMessage()
                + "; set SERVER_PORT to a port that is free");
      }
    }
    return Optional.empty();
  }

  private static String unconverted(String key, String value, String type) {
    return key
        + " = "
        + (Secrets.isSecret(key) ? Secrets.HIDDEN : value.strip())
        + ": is no "
        + type
        + "; correct it, or the environment variable that it comes from";
  }

  private static Optional<String> bean(Throwable thrown, Environment environment) {
    return causes(thrown).stream()
        .filter(BeanContextException.class::isInstance)
        .reduce((outer, inner) -> inner)
        .map(
            failed ->
                name(String.valueOf(failed.getMessage()))
                    + " cannot be made: "
                    + reason(thrown, secrets(environment))
                    + "; correct it, or the setting or the system it needs");
  }

  private static String name(String message) {
    Matcher bean = BEAN.matcher(String.valueOf(message));
    return bean.find() ? Optional.ofNullable(bean.group(1)).orElse(bean.group(2)) : "a bean";
  }

  /** The root cause, and the exception around it: class, message and place, without secrets. */
  static String reason(Throwable thrown, Secrets secrets) {
    List<Throwable> causes = causes(thrown);
    Throwable root = causes.get(causes.size() - 1);
    String text = text(root);
    if (causes.size() > 1) {
      // A root cause such as "Connection refused" has no address; the exception around it mostly
      // does.
      Throwable around = causes.get(causes.size() - 2);
      boolean says = around.getMessage() != null && !around.getMessage().equals(root.toString());
      text += says && !isMicronauts(around.getClass().getName()) ? ", in " + text(around) : "";
    }
    String safe = secrets.hide(text);
    safe = USER_INFO.matcher(safe).replaceAll("://" + Secrets.HIDDEN + "@");
    safe = ASSIGNED.matcher(safe).replaceAll("$1" + Matcher.quoteReplacement(Secrets.HIDDEN));
    safe = safe.replaceAll("\\s+", " ").strip();
    return (safe.length() > MAX_LENGTH ? safe.substring(0, MAX_LENGTH) + "..." : safe)
        + place(root);
  }

  private static String text(Throwable thrown) {
    String message = thrown.getMessage() == null ? "" : ": " + thrown.getMessage();
    return thrown.getClass().getName() + message;
  }

  private static String place(Throwable root) {
    return Arrays.stream(root.getStackTrace())
        .filter(frame -> frame.getModuleName() == null || !frame.getModuleName().startsWith("java"))
        .findFirst()
        .filter(frame -> !isMicronauts(frame.getClassName()))
        .map(frame -> " (at " + frame + ")")
        .orElse("");
  }

  private static boolean isMicronauts(String className) {
    return className.startsWith("io.micronaut.");
  }

  /** The secrets of all sources of the configuration. */
  static Secrets secrets(Environment environment) {
    Map<String, Object> all = new HashMap<>();
    for (PropertySource source : environment.getPropertySources()) {
      for (String key : source) {
        // Numbered, since several sources may set one key; with dots, since variables have
        // underscores.
        all.put(all.size() + "." + key.replace('_', '.'), String.valueOf(source.get(key)));
      }
    }
    return new Secrets(all);
  }

  /** The causes from the outermost to the root; cut off where they form a cycle. */
  private static List<Throwable> causes(Throwable thrown) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable cause = thrown;
        cause != null && causes.size() < MAX_CAUSES;
        cause = cause.getCause()) {
      causes.add(cause);
    }
    return causes;
  }
}
