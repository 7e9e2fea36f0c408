package io.exactlyonce.guard.redis

import io.exactlyonce.guard.ClaimBatch
import spock.lang.Specification

class ClaimCallsSpec extends Specification {

  static ClaimBatch batch(List<String> keys) {
    def batch = new ClaimBatch()
    keys.eachWithIndex { key, i -> batch.add(key.bytes, [i >> 8, i] as byte[]) }
    batch
  }

  static List<List<Integer>> split(List<String> keys, int most) {
    ClaimCalls.split(batch(keys), most).collect { it as List<Integer> }
  }

  def "#keys in calls of at most #most: #calls"() {
    expect:
    split(keys, most) == calls

    where:
    keys                      | most || calls
    []                        | 10   || []
    ['a']                     | 10   || [[0]]
    ['a', 'b', 'c']           | 10   || [[0, 1, 2]]
    ['a', 'b', 'c']           | 2    || [[0, 1], [2]]
    ['a', 'a', 'a']           | 10   || [[0], [1], [2]]
    ['a', 'b', 'a', 'c']      | 10   || [[0, 1, 3], [2]]
    ['a', 'b', 'a', 'c']      | 2    || [[0, 1], [2, 3]]
    ['a', 'a', 'b', 'b', 'a'] | 10   || [[0, 2], [1, 3], [4]]
    ['', 'a', '']             | 10   || [[0, 1], [2]]
    ['a', 'b', 'c']           | 1    || [[0], [1], [2]]
  }

  def "of any poll: each claim in exactly one call, no key twice in a call, copies in their order (seed #seed)"() {
    given:
    def random = new Random(seed)
    def keys = (0..<random.nextInt(3000)).collect { Integer.toString(random.nextInt(1 + random.nextInt(2000))) }
    def most = 1 + random.nextInt(1200)

    when:
    def calls = split(keys, most)

    then: 'each exactly once'
    calls.flatten().sort() == (0..<keys.size()) as List

    and: 'no call is empty, or larger than it may be'
    calls.every { it.size() in 1..most }

    and: 'no call holds a key twice'
    calls.every { call -> call.collect { keys[it] }.toSet().size() == call.size() }

    and: 'the copies of a key are claimed in the order in which they were read'
    calls.flatten().groupBy { keys[it] }.values().every { it == it.sort(false) }

    where:
    seed << (1..40)
  }

  def "a poll without copies takes no more calls than it must: #claims"() {
    expect:
    split((0..<claims).collect { "id-$it" as String }, 1000).size() == calls

    where:
    claims || calls
    1      || 1
    1000   || 1
    1001   || 2
    2000   || 2
    20_000 || 20
  }

  def "a batch keeps what it was given, however much"() {
    given:
    def batch = batch((0..<1000).collect { "k$it" as String })

    expect:
    batch.size() == 1000
    (0..<1000).every { batch.key(it) == "k$it".bytes && batch.position(it) == ([it >> 8, it] as byte[]) }
  }
}
