package io.exactlyonce.receipt

import io.exactlyonce.local.BackendsSpec
import org.apache.kafka.clients.admin.Admin

import java.time.Duration

/** Whether an admin client can still be asked, told by the client itself. */
class AdminLifeSpec extends BackendsSpec {

  Admin client = Admin.create(['bootstrap.servers': bootstrapServers] as Map<String, Object>)
  AdminLife life = new AdminLife(client)
  long now = -Duration.ofDays(1).toNanos()

  def cleanup() {
    client.close(Duration.ZERO)
  }

  /** A minute, with a call each second. */
  boolean aMinutePasses(Closure<?> call) {
    (1..60).any {
      call()
      now += Duration.ofSeconds(1).toNanos()
      life.hasEnded(now)
    }
  }

  def "a client that answers has not ended"() {
    expect:
    !aMinutePasses { client.describeCluster().clusterId().get() }
    client.describeCluster().clusterId().get()
    life.hasMoved()
  }

  def "that the process was stopped for an hour says nothing: it is one look"() {
    given:
    client.describeCluster().clusterId().get()
    life.hasEnded(now)

    when: 'the first look behind it comes before the client has moved'
    client.close(Duration.ofSeconds(10))
    now += Duration.ofHours(1).toNanos()

    then:
    (1..100).every { !life.hasEnded(now) }
  }

  def "a client whose thread has ended is found out after fifteen looks, and by whoever asks from one call to the next"() {
    given:
    client.describeCluster().clusterId().get()
    !life.hasEnded(now)
    life.hasMoved()

    when: 'closing it ends its thread, as an Error does'
    client.close(Duration.ofSeconds(10))

    then:
    aMinutePasses { }
    !life.hasMoved()
  }
}
