package io.exactlyonce.cli

import io.exactlyonce.local.Await
import io.exactlyonce.local.BackendsSpec
import io.exactlyonce.local.LocalPorts
import io.exactlyonce.relay.EngineConfig

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

/** The application as a process, with the engine's own pipeline, relay, and what it says. */
abstract class ServingSpec extends BackendsSpec {

  static final Duration BOUND = Duration.ofSeconds(120)

  /** A start of a second or two on one core: specs start many, side by side with other builds. */
  static final List<String> FAST_START = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

  int port = LocalPorts.free(1)[0]
  Path log = Files.createTempFile(Files.createDirectories(Path.of('target', 'serve')), 'serve-', '.log')
  ProcessBuilder.Redirect output = ProcessBuilder.Redirect.to(log.toFile())
  Process process
  List<AutoCloseable> opened = []

  def cleanup() {
    process?.destroyForcibly()
    opened.reverse().each { it.close() }
  }

  void serve(Map<String, Object> settings = [:], Map<String, String> environment = [:], List<String> jvm = ['-Xmx256m'],
             String main = 'io.exactlyonce.cli.Main') {
    def all = ['kafka.bootstrap.servers': bootstrapServers, 'redis.uri': redisUri, 'micronaut.server.port': port,
               'pipelines.relay.source': 'relayed', 'pipelines.relay.sinks': 'relayed-out',
               'pipelines.relay.group': unique('g'), 'pipelines.relay.instance-id': unique('i')] + settings
    def command = [Path.of(System.getProperty('java.home'), 'bin', 'java').toString()] + FAST_START + jvm +
        all.collect { k, v -> "-D$k=$v".toString() } +
        ['-cp', [EngineConfig.folder(), System.getProperty('java.class.path')].join(File.pathSeparator), main, 'serve']
    def builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output)
    builder.environment().putAll(environment)
    process = builder.start()
  }

  /** Status and body; 0 while nobody answers. */
  Tuple2<Integer, String> get(String path) {
    try {
      def connection = new URL("http://127.0.0.1:$port$path").openConnection() as HttpURLConnection
      connection.connectTimeout = 2000
      connection.readTimeout = 5000
      int status = connection.responseCode
      new Tuple2(status, (status < 400 ? connection.inputStream : connection.errorStream)?.text ?: '')
    } catch (IOException e) {
      new Tuple2(0, '')
    }
  }

  void awaitReady() {
    assert Await.within(BOUND) { get('/health/readiness').v1 == 200 }: get('/health/readiness').toString() + log.toFile().text
  }

  void awaitSaid(String text) {
    assert Await.within(BOUND) { log.toFile().text.contains(text) }: log.toFile().text
  }
}
