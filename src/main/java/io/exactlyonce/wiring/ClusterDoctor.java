package io.exactlyonce.wiring;

import io.exactlyonce.config.ClientConfigs;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.config.PipelineConfig;
import io.exactlyonce.config.Secrets;
import io.exactlyonce.config.value.GuardChoice;
import io.exactlyonce.doctor.Doctor;
import io.exactlyonce.doctor.Finding;
import io.exactlyonce.doctor.Questions;
import io.exactlyonce.guard.GuardUnavailableException;
import io.exactlyonce.guard.redis.GuardKeys;
import io.exactlyonce.guard.redis.RedisConnections;
import io.exactlyonce.guard.redis.RedisServers;
import io.exactlyonce.guard.redis.ServerFacts;
import io.exactlyonce.receipt.BoundedClose;
import io.exactlyonce.wiring.peer.BrokerCheck;
import io.micronaut.context.ApplicationContext;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/**
 * Checks pipelines and their cluster by the application's own configuration, whether or not its
 * instances run.
 */
public final class ClusterDoctor {
  private final Clock clock;
  private final Duration patience;
  private final ClassLoader classes;
  private final Consumer<Finding> told;

  /**
   * @param clock that of this machine
   * @param patience how long an answer may take
   * @param classes class loader in which the list of the engine's files is looked for
   * @param told receives each finding as soon as it is known; it holds no secret
   */
  public ClusterDoctor(
      Clock clock, Duration patience, ClassLoader classes, Consumer<Finding> told) {
    this.clock = clock;
    this.patience = patience;
    this.classes = classes;
    this.told = told;
  }

  /**
   * Runs all checks.
   *
   * @param names of pipelines; empty: all that are configured
   * @param properties win over the application's configuration
   * @throws ConfigurationException where the configuration is wrong, or there is no such pipeline
   */
  public void run(Set<String> names, Map<String, Object> properties) throws InterruptedException {
    try (ApplicationContext context = NothingStarted.context(properties)) {
      Preflight.check(context);
      context.start();
      Secrets secrets = StartFailure.secrets(context.getEnvironment());
      look(
          new Doctor(finding -> told.accept(safe(finding, secrets))),
          context.getBean(PipelineFactory.class),
          configs(context.getBean(PipelineProperties.class), names));
    }
  }

  /**
   * Hides secrets in what was found, which may quote a server's answer. Other texts are ours and
   * stay whole, also where a configured user name is one of their words.
   */
  private static Finding safe(Finding finding, Secrets secrets) {
    return finding.level() == Finding.Level.OK
        ? finding
        : new Finding(
            finding.level(),
            finding.pipeline(),
            finding.check(),
            finding.where(),
            secrets.hide(finding.found()),
            finding.remedy());
  }

  private static List<PipelineConfig> configs(PipelineProperties properties, Set<String> names) {
    names.forEach(properties::require);
    // As in the server: the permissions to check are those on this instance's transactional ids.
    String instance = InstanceId.ofThisProcess().value();
    List<PipelineConfig> configs = new ArrayList<>();
    for (String name : names.isEmpty() ? properties.names() : names) {
      configs.add(properties.parse(name, instance));
    }
    if (configs.isEmpty()) {
      throw new ConfigurationException(
          "pipelines", "none", "no pipeline is configured; set pipelines.NAME.source");
    }
    return configs;
  }

  private void look(Doctor doctor, PipelineFactory factory, List<PipelineConfig> configs)
      throws InterruptedException {
    String version = ClusterDoctor.class.getPackage().getImplementationVersion();
    doctor.versions(version == null ? "" : version);
    doctor.engine(classes);
    ClientConfigs clients = factory.clients(configs.get(0));
    String servers = LiveClients.brokers(clients.admin());
    try (BoundedClose<Admin> admin = BoundedClose.of(admin(clients))) {
      Questions questions = new Questions(admin.client(), servers, patience, clock);
      doctor.cluster(questions);
      for (PipelineConfig config : configs) {
        doctor.pipeline(questions, config);
      }
    } catch (KafkaException e) { // host names that do not resolve, or another protocol than Kafka's
      doctor.noKafka(
          servers,
          String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
    }
    for (PipelineConfig config : configs) {
      if (config.guard().store() != GuardChoice.OFF) {
        doctor.redis(config, factory.redis().address(), () -> ask(factory.redis(), config));
      }
    }
  }

  private Admin admin(ClientConfigs clients) {
    Map<String, Object> settings = new HashMap<>(clients.admin());
    int bound = Math.toIntExact(patience.toMillis());
    settings.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, Math.max(1, bound / 2));
    settings.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, bound);
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, "doctor-" + clients.config().instanceId());
    new BrokerCheck().require(settings);
    return Admin.create(settings);
  }

  /**
   * Asks on a thread of its own: connecting waits for Redis, and may take longer than the patience.
   */
  private ServerFacts ask(RedisServers servers, PipelineConfig config) {
    GuardKeys keys = new GuardKeys(config.group(), config.guard().window());
    try (RedisConnections connections = new RedisConnections(servers, patience)) {
      return CompletableFuture.supplyAsync(
              () -> ServerFacts.ask(connections, keys, clock), ClusterDoctor::onOwnThread)
          .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new GuardUnavailableException("no answer in time", e);
    }
  }

  private static void onOwnThread(Runnable question) {
    Thread thread = new Thread(question, "doctor-redis");
    thread.setDaemon(true);
    thread.start();
  }
}
