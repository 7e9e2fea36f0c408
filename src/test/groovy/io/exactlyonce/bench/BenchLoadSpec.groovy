package io.exactlyonce.bench

import org.apache.kafka.clients.producer.internals.BuiltInPartitioner
import spock.lang.Specification

class BenchLoadSpec extends Specification {

  static final Load LOAD = new Load('in', Load.PARTITIONS, 1000, 100, 10)

  def payload = new Payload(LOAD.valueBytes())

  def "a tenth of the records repeat the id of an earlier one, and half of these in another partition"() {
    given:
    Map<String, Integer> partitions = [:]
    int same = 0
    int other = 0

    when:
    (0..<LOAD.records()).each { place ->
      def record = payload.record(LOAD, place)
      def id = new String(record.headers().lastHeader('event-id').value())
      int byKey = BuiltInPartitioner.partitionForKey(record.key(), LOAD.partitions())
      int partition = record.partition() == null ? byKey : record.partition()
      def first = partitions.putIfAbsent(id, partition)
      if (first != null) {
        first == partition ? same++ : other++
      }
      assert (first != null) == Payload.isDuplicate(record.value())
      assert Payload.place(record.value()) == place
    }

    then:
    same == 50
    other == 50
    partitions.size() == LOAD.events()

    and:
    (0..<LOAD.events()).every { number -> LOAD.places(number).toArray().every { LOAD.number(it) == number } }
    (0..<LOAD.events()).sum { LOAD.places(it).count() } == LOAD.records()
  }
}
