package io.exactlyonce.lag

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.admin.Admin
import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import spock.lang.Tag

import java.time.Clock
import java.time.Duration

/** What a check costs the brokers, however much it measures. */
class LagRequestsSpec extends BackendsSpec {

  /** On one broker, which is every coordinator and leads every partition. */
  static final int REQUESTS = 10

  def "a check of 10 pipelines asks no more questions than one of a single partition"() {
    expect:
    requests(1, 1) == REQUESTS
    requests(10, 20) == REQUESTS
  }

  @Tag('long')
  def "nor does one of 10 pipelines with 200 partitions each"() {
    expect:
    requests(10, 200) == REQUESTS
  }

  /** Of one check, once its client knows the cluster. */
  private int requests(int groups, int partitions) {
    def names = (1..groups).collect { unique("many-$it") }
    names.each { name ->
      createTopic(name, partitions)
      admin.alterConsumerGroupOffsets(name, (0..<partitions).collectEntries { [new TopicPartition(name, it), new OffsetAndMetadata(0)] }).all().get()
    }
    def own = Admin.create(['bootstrap.servers': bootstrapServers])
    try {
      def checks = new LagChecks(names.collect { new Watched(it, it, [it] as Set) }, { assert false }, KnownTimes.none(), bootstrapServers,
          Duration.ofSeconds(30), Duration.ofSeconds(1), Clock.systemUTC())
      checks.check(own)
      int before = sent(own)
      def lags = checks.check(own)
      assert lags.size() == groups
      assert lags.every { it.measured && it.partitions().size() == partitions }
      sent(own) - before
    } finally {
      own.close(Duration.ZERO)
    }
  }

  private static int sent(Admin client) {
    client.metrics().find { it.key.name() == 'request-total' && it.key.group() == 'admin-client-metrics' }.value.metricValue() as int
  }
}
