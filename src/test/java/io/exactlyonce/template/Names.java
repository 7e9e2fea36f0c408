package io.exactlyonce.template;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.lang.model.SourceVersion;

/**
 * Names of a project: Maven's coordinates, and the package of everything but the engine.
 *
 * @param group such as {@code com.acme}
 * @param artifact such as {@code flight-delays}; the jar, the image and Kubernetes' services have
 *     this name too
 * @param packageName such as {@code com.acme.flights}; the property {@code application.package} of
 *     the pom has it
 */
public record Names(String group, String artifact, String packageName) {
  private static final Pattern IN_POM =
      Pattern.compile(
          "(?s)<groupId>(.+?)</groupId>\\s*<artifactId>(.+?)</artifactId>"
              + ".*?<application.package>(.+?)</application.package>");

  private static final Pattern ARTIFACT = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  /**
   * A Kubernetes service's name has at most 63 characters, and one of ours is the artifact with
   * -http.
   */
  private static final int MAX_ARTIFACT = 58;

  /** Names of this project before any renaming, and so of each later version that is merged. */
  static final Names ORIGINAL = new Names("io.exactlyonce", "exactly-once-pipeline", "com.example");

  /**
   * @throws Refused where a name is not of the form that its uses need, or the package is the
   *     engine's
   */
  public Names {
    requireJavaName("group", group);
    requireJavaName("package", packageName);
    if (!ARTIFACT.matcher(artifact).matches() || artifact.length() > MAX_ARTIFACT) {
      throw new Refused(
          "-Dartifact=%s has to consist of a-z, 0-9 and single hyphens, begin with a letter, and have at most %d characters: it names an image and Kubernetes services too"
              .formatted(artifact, MAX_ARTIFACT));
    }
    if (packageName.equals("io.exactlyonce") || packageName.startsWith("io.exactlyonce.")) {
      throw new Refused("-Dpackage=" + packageName + " is the engine's; take one of your own");
    }
  }

  /**
   * The names in a {@code pom.xml}.
   *
   * @throws Refused where it has none
   */
  static Names of(String pom) {
    Matcher found = IN_POM.matcher(pom);
    if (!found.find()) {
      throw new Refused(
          "pom.xml has no groupId, artifactId and property application.package, in this order");
    }
    return new Names(found.group(1), found.group(2), found.group(3));
  }

  /** The package's folder below a root of sources. */
  String folder() {
    return packageName.replace('.', '/');
  }

  private static void requireJavaName(String key, String name) {
    if (!SourceVersion.isName(name) || !name.equals(name.toLowerCase(Locale.ROOT))) {
      throw new Refused(
          "-D%s=%s has to be a name like com.acme.flights, in lower case".formatted(key, name));
    }
  }
}
