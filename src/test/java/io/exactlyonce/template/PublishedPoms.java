package io.exactlyonce.template;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Writes the POMs of the two jars that {@code mvn -Pengine install} makes: the engine and the
 * handlers' test kit. Their dependencies are read from the project's pom, with the versions that
 * are on the class path of its build. So none is written twice, and a project that depends on the
 * jars needs no BOM.
 *
 * <p>Argument: the folder to write to.
 */
public final class PublishedPoms {
  /**
   * Dependencies of the packages without Micronaut; ArchitectureSpec checks that there are no
   * others.
   */
  static final List<String> CORE =
      List.of("kafka-clients", "lettuce-core", "jackson-core", "slf4j-api", "jspecify");

  /**
   * Dependencies by which the kit starts Kafka and Redis; a broker logs by Logback that it is
   * ready.
   */
  private static final List<String> BACKENDS =
      List.of(
          "kafka_2.13",
          "embedded-redis",
          "testcontainers-kafka",
          "commons-compress",
          "logback-classic");

  private static final String PROJECT =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <project xmlns="http://maven.apache.org/POM/4.0.0">
        <modelVersion>4.0.0</modelVersion>
        <groupId>%s</groupId>
        <artifactId>%s</artifactId>
        <version>%s</version>
        <name>%2$s</name>
        <description>%s</description>
        <licenses>
          <license>
            <name>Apache-2.0</name>
            <url>https://www.apache.org/licenses/LICENSE-2.0.txt</url>
          </license>
        </licenses>
        <dependencies>
      %s  </dependencies>
      </project>
      """;

  private final Element project;
  private final List<String> classPath;

  private PublishedPoms(Element project, List<String> classPath) {
    this.project = project;
    this.classPath = classPath;
  }

  public static void main(String[] args)
      throws IOException, ParserConfigurationException, SAXException {
    Element project =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("pom.xml").toFile())
            .getDocumentElement();
    PublishedPoms poms = new PublishedPoms(project, classPath());
    Path folder = Files.createDirectories(Path.of(args[0]));
    Files.writeString(folder.resolve("engine.xml"), poms.engine());
    Files.writeString(folder.resolve("kit.xml"), poms.kit());
  }

  /** The jars of the class path, by their manifests, whatever class loader has them. */
  private static List<String> classPath() throws IOException {
    return Collections.list(
            PublishedPoms.class.getClassLoader().getResources("META-INF/MANIFEST.MF"))
        .stream()
        .map(URL::getPath)
        .toList();
  }

  /**
   * The engine's POM. Dependencies outside the core are optional: a clone that keeps Micronaut
   * lists them itself.
   */
  private String engine() {
    StringBuilder all = new StringBuilder();
    for (Element dependency : dependencies(child(project, "dependencies"))) {
      if (!text(dependency, "scope").equals("test")) {
        boolean isCore = CORE.contains(text(dependency, "artifactId"));
        all.append(entry(dependency, text(dependency, "scope"), !isCore));
      }
    }
    return pom(
        "exactly-once-engine",
        "Reads from Kafka, calls a handler and writes what it returns, each record once",
        all);
  }

  private String kit() {
    StringBuilder all = new StringBuilder();
    all.append(
        entry(text(project, "groupId"), "exactly-once-engine", text(project, "version"), "", ""));
    for (String artifact : BACKENDS) {
      all.append(
          entry(
              dependencies(project).stream()
                  .filter(each -> text(each, "artifactId").equals(artifact))
                  .findFirst()
                  .orElseThrow(),
              "",
              false));
    }
    return pom(
        "exactly-once-kit",
        "Tests of handlers for exactly-once-engine, with a Kafka and a Redis of their own",
        all);
  }

  private String pom(String artifact, String description, StringBuilder dependencies) {
    return PROJECT.formatted(
        text(project, "groupId"), artifact, text(project, "version"), description, dependencies);
  }

  private String entry(Element dependency, String scope, boolean isOptional) {
    String group = text(dependency, "groupId");
    String artifact = text(dependency, "artifactId");
    return entry(
        group,
        artifact,
        version(group, artifact),
        scope.isEmpty() ? "" : "      <scope>" + scope + "</scope>\n",
        isOptional ? "      <optional>true</optional>\n" : "");
  }

  private static String entry(
      String group, String artifact, String version, String scope, String optional) {
    return """
              <dependency>
                <groupId>%s</groupId>
                <artifactId>%s</artifactId>
                <version>%s</version>
          """
            .formatted(group, artifact, version)
        + scope
        + optional
        + "    </dependency>\n";
  }

  /** The version that the build has resolved: the jar's folder has its name. */
  private String version(String group, String artifact) {
    Pattern place =
        Pattern.compile(
            ".*/" + Pattern.quote(group.replace('.', '/') + "/" + artifact) + "/([^/]+)/[^/]+");
    return classPath.stream()
        .map(url -> url.substring(0, url.indexOf("!") < 0 ? url.length() : url.indexOf("!")))
        .map(place::matcher)
        .filter(Matcher::matches)
        .map(found -> found.group(1))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    group + ":" + artifact + " is not on the class path of the build"));
  }

  private static List<Element> dependencies(Element parent) {
    NodeList all = parent.getElementsByTagName("dependency");
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < all.getLength(); i++) {
      found.add((Element) all.item(i));
    }
    return found;
  }

  private static Element child(Element parent, String name) {
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node.getNodeName().equals(name)) {
        return (Element) node;
      }
    }
    throw new IllegalStateException("pom.xml has no " + name);
  }

  /** The text of a child element; empty where there is none. */
  private static String text(Element parent, String name) {
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node.getNodeName().equals(name)) {
        return node.getTextContent().trim();
      }
    }
    return "";
  }
}
