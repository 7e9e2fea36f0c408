package io.exactlyonce.guard

import org.apache.kafka.common.Uuid
import spock.lang.Specification

class PositionSpec extends Specification {

  static final TOPIC = Uuid.fromString('kG1qX3T5Rf6xM0m2T2cN5Q')
  static final OTHER = Uuid.fromString('AAAAAAAAAAAAAAAAAAAAAQ')

  static final PARTITIONS = [0, 1, 127, 128, 255, 16_383, 16_384, 2_097_151, Integer.MAX_VALUE]
  static final OFFSETS = [0L, 1L, 127L, 128L, 255L, 16_383L, 16_384L, (1L << 42) - 1, 1L << 42, Long.MAX_VALUE]

  def "positions that differ are encoded differently, where numbers grow by a byte too"() {
    given:
    def near = (PARTITIONS + (0..300)).unique()
    def far = (OFFSETS + (0L..300L)).unique()
    def all = [[TOPIC, OTHER], near, far].combinations()

    expect:
    all.collect { topic, partition, offset -> Position.encode(topic, partition, offset).encodeHex().toString() }
        .toSet().size() == all.size()
  }

  def "partition #partition and offset #offset take #bytes bytes"() {
    expect:
    Position.encode(TOPIC, partition, offset).length == bytes

    where:
    partition         | offset            || bytes
    0                 | 0                 || 8
    127               | 127               || 8
    128               | 0                 || 9
    11                | 1_000_000_000     || 12
    16_383            | (1L << 42) - 1    || 14
    16_384            | (1L << 42) - 1    || 15
    16_383            | 1L << 42          || 15
    Integer.MAX_VALUE | Long.MAX_VALUE    || 20
  }

  def "below partition 16,384 and offset 2^42 a position takes at most 14 bytes"() {
    given:
    def random = new Random(7)

    expect:
    (1..2000).every { Position.encode(Uuid.randomUuid(), random.nextInt(16_384), random.nextLong(1L << 42)).length <= 14 }
  }

  def "a position begins with six bytes of its topic's id"() {
    expect:
    Position.encode(TOPIC, 1, 2)[0..5] == (0..5).collect { (byte) (TOPIC.mostSignificantBits >>> (56 - 8 * it)) }
    Position.encode(TOPIC, 1, 2)[6, 7] == [1, 2]
  }

  def "a position is encoded as its parts are"() {
    expect:
    new Position(TOPIC, 3, 99).encoded() == Position.encode(TOPIC, 3, 99)
  }

  def "what a claim holds is read back as the position that was written"() {
    expect:
    [PARTITIONS, OFFSETS].combinations().every { partition, offset ->
      ClaimHolder.parse(Position.encode(TOPIC, partition, offset)) == new ClaimHolder(TopicTag.of(TOPIC), partition, offset)
    }
  }

  def "bytes that are no position are none: #what"() {
    expect:
    ClaimHolder.parse(bytes as byte[]) == null

    where:
    what                       | bytes
    'nothing'                  | []
    'a tag alone'              | [1] * 6
    'no offset'                | [1] * 6 + [3]
    'an offset that goes on'   | [1] * 6 + [3, -1]
    'more behind it'           | [1] * 6 + [3, 4, 5]
    'a partition of 33 bits'   | [1] * 6 + [-1, -1, -1, -1, 31] + [4]
    'an offset without an end' | [1] * 6 + [3] + [-1] * 12 + [1]
  }
}
