package io.exactlyonce.wiring.json

import groovy.transform.CompileStatic
import io.exactlyonce.config.PipelineConfig
import io.exactlyonce.engine.spi.InputCodec
import io.exactlyonce.relay.Parcel
import io.exactlyonce.relay.RelayedOrder
import io.exactlyonce.wiring.Codecs
import io.exactlyonce.wiring.CodecsSpec
import io.micronaut.context.ApplicationContext
import io.micronaut.core.type.Argument
import io.micronaut.json.JsonMapper
import org.apache.kafka.clients.consumer.ConsumerRecord
import spock.lang.AutoCleanup
import spock.lang.Shared
import spock.lang.Specification

import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption

/**
 * What it costs to read a value strictly, beside Micronaut Serde's own way, by the thread's CPU time
 * and in turns: {@code mvn test -Dtest=JsonFigures}; the figures go to target/json-figures.txt.
 */
class JsonFigures extends Specification {

  static final int RECORDS = 200_000
  static final int ROUNDS = 7
  static final Path FIGURES = Path.of('target', 'json-figures.txt')

  @Shared
  @AutoCleanup
  ApplicationContext context = ApplicationContext.builder()
      .overrideConfigLocations('classpath:no-such-file')
      .properties(['micronaut.application.name': 'json-figures', 'kafka.bootstrap.servers': 'localhost:1', 'redis.uri': 'redis://localhost:1'])
      .start()

  InputCodec<Object> input(Class<?> type, String choice) {
    def config = PipelineConfig.parse('orders', [source: 'in', json: choice], 'spec')
    new Codecs(context.getBean(JsonMapper), context.getBean(StrictJson), config, [:]).input(Argument.of(type))
  }

  @CompileStatic
  static double nanos(InputCodec<Object> input, ConsumerRecord<byte[], byte[]> record) {
    def threads = ManagementFactory.threadMXBean
    long began = threads.currentThreadCpuTime
    int seen = 0
    for (int i = 0; i < RECORDS; i++) {
      seen += input.decode(record) == null ? 0 : 1
    }
    assert seen == RECORDS
    (threads.currentThreadCpuTime - began) / (double) RECORDS
  }

  static double median(List<Double> values) {
    values.toSorted()[values.size().intdiv(2)]
  }

  def "a #type.simpleName of #json.length() bytes"() {
    given:
    def record = new ConsumerRecord<byte[], byte[]>('in', 0, 0L, null, json.bytes)
    def strict = input(type, 'strict')
    def lenient = input(type, 'lenient')
    nanos(strict, record)
    nanos(lenient, record)

    when:
    def rounds = (1..ROUNDS).collect { [nanos(strict, record), nanos(lenient, record)] }
    def ratio = median(rounds.collect { it[0] / it[1] })
    Files.writeString(FIGURES, sprintf('%s, %d bytes: strict %.0f ns, lenient %.0f ns, ratio %.2f; rounds %s\n', type.simpleName, json.length(),
        median(rounds*.get(0)), median(rounds*.get(1)), ratio, rounds.collect { sprintf('%.0f/%.0f', it) }),
        StandardOpenOption.CREATE, StandardOpenOption.APPEND)

    then:
    ratio < 2

    where:
    type         | json
    RelayedOrder | '{"article":"a-4711","pieces":25}'
    Parcel       | CodecsSpec.PARCEL
  }
}
