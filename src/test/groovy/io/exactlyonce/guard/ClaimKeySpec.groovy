package io.exactlyonce.guard

import spock.lang.Specification

import java.security.MessageDigest

class ClaimKeySpec extends Specification {

  def key = new ClaimKey()

  def "an id of #length bytes is kept as it is: #kept"() {
    given:
    def id = ('x' * length).bytes

    expect:
    key.of(id) == (kept ? id : MessageDigest.getInstance('SHA-256').digest(id)[0..<16] as byte[])
    key.of(id).length == (kept ? length : 16)

    where:
    length || kept
    1      || true
    14     || true
    15     || true
    16     || false
    36     || false
    1024   || false
  }

  def "no id is stored as another one's hash: what is kept is shorter than what is hashed"() {
    given:
    def hashed = key.of('a rather long event id'.bytes)

    expect:
    key.of(hashed) != hashed
  }

  def "the same id has the same key, from whichever worker and however often"() {
    given:
    def id = UUID.randomUUID().toString().bytes

    expect:
    [key.of(id), key.of(id), new ClaimKey().of(id)].every { it == key.of(id) }
  }

  def "ids that differ have keys that differ"() {
    expect:
    (0..<20_000).collect { key.of("payment-2026-01-01-$it".bytes).encodeHex().toString() }.toSet().size() == 20_000
  }
}
