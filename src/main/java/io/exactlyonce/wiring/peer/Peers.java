package io.exactlyonce.wiring.peer;

import static java.util.Objects.requireNonNull;

import io.exactlyonce.config.BootstrapServers;
import io.exactlyonce.config.ConfigurationException;
import io.exactlyonce.guard.redis.RedisServers;
import io.lettuce.core.RedisURI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;

/** Finds addresses at which another protocol is spoken than the one they are configured for. */
public final class Peers {
  private Peers() {}

  /**
   * What is wrong with the bootstrap servers, with the remedy; empty where each of them speaks
   * Kafka or does not answer.
   *
   * @param settings of a Kafka client
   * @throws ConfigurationException where an address is none
   */
  public static Optional<String> notKafka(Map<String, Object> settings) {
    String servers = String.valueOf(settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    Object protocol = settings.get(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG);
    boolean tls = protocol != null && protocol.toString().toUpperCase(Locale.ROOT).endsWith("SSL");
    // In parallel, since each address that does not answer takes seconds.
    List<CompletableFuture<Optional<String>>> answers =
        BootstrapServers.parse(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers).stream()
            .map(
                each ->
                    CompletableFuture.supplyAsync(() -> notKafka(each, tls), Peers::onOwnThread))
            .toList();
    return answers.stream().map(CompletableFuture::join).flatMap(Optional::stream).findFirst();
  }

  private static void onOwnThread(Runnable question) {
    Thread thread = new Thread(question, "address-check");
    thread.setDaemon(true);
    thread.start();
  }

  private static Optional<String> notKafka(BootstrapServers.Address address, boolean tls) {
    Peer.Answer answer = new Peer(address.host(), address.port()).ask(tls, false);
    boolean mayBe = answer.speech() == Peer.Speech.KAFKA || answer.speech() == Peer.Speech.UNKNOWN;
    if ((answer.tls() == tls && mayBe)
        || answer.equals(new Peer.Answer(Peer.Speech.UNKNOWN, false))) {
      return Optional.empty();
    }
    if (mayBe) {
      return Optional.of(
          address
              + " speaks "
              + answer
              + (tls
                  ? "; set security.protocol to PLAINTEXT or SASL_PLAINTEXT, or name its TLS port"
                  : "; set security.protocol to SSL or SASL_SSL"));
    }
    return Optional.of(
        address
            + " does not speak Kafka but "
            + answer
            + "; name the address of a Kafka broker, as its listeners say it");
  }

  /**
   * Refuses bootstrap servers that do not speak Kafka; one that does not answer is accepted.
   *
   * @throws ConfigurationException where one speaks another protocol
   */
  public static void requireKafka(Map<String, Object> settings) {
    notKafka(settings)
        .ifPresent(
            wrong -> {
              throw new ConfigurationException(
                  "kafka.bootstrap.servers",
                  requireNonNull(settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)),
                  wrong);
            });
  }

  /**
   * What is wrong with the addresses of Redis, its sentinels or its cluster's nodes, with the
   * remedy; empty where each of them speaks Redis or does not answer.
   */
  public static Optional<String> notRedis(RedisServers servers) {
    Stream<RedisURI> uris =
        servers instanceof RedisServers.Cluster cluster
            ? cluster.nodes().stream()
            : addresses(((RedisServers.Primary) servers).uri()).stream();
    return uris.filter(uri -> uri.getHost() != null)
        .map(Peers::notRedis)
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static List<RedisURI> addresses(RedisURI uri) {
    return uri.getSentinels().isEmpty() ? List.of(uri) : uri.getSentinels();
  }

  private static Optional<String> notRedis(RedisURI uri) {
    Peer.Answer answer = new Peer(uri.getHost(), uri.getPort()).ask(uri.isSsl(), true);
    boolean mayBe = answer.speech() == Peer.Speech.REDIS || answer.speech() == Peer.Speech.UNKNOWN;
    String address = uri.getHost() + ":" + uri.getPort();
    if ((answer.tls() == uri.isSsl() && mayBe)
        || answer.equals(new Peer.Answer(Peer.Speech.UNKNOWN, false))) {
      return Optional.empty();
    }
    return Optional.of(
        mayBe
            ? address + " speaks " + answer + "; write " + (uri.isSsl() ? "redis://" : "rediss://")
            : address + " does not speak Redis but " + answer + "; name the address of Redis");
  }
}
