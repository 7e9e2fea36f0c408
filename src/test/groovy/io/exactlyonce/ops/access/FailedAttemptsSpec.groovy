package io.exactlyonce.ops.access

import spock.lang.Specification

import java.time.Duration

class FailedAttemptsSpec extends Specification {

  def attempts = new FailedAttempts()
  def home = InetAddress.getByName('192.0.2.7')

  def "an address is shut out by its tenth wrong token, until a minute after the first"() {
    when:
    9.times { attempts.add(home, "guess $it", it) }

    then:
    !attempts.isShutOut(home, 9)

    when:
    attempts.add(home, 'guess 9', 9)

    then:
    attempts.isShutOut(home, 10)
    attempts.isShutOut(home, Duration.ofMinutes(1).toNanos())
    !attempts.isShutOut(home, Duration.ofMinutes(1).toNanos() + 1)
    !attempts.isShutOut(InetAddress.getByName('192.0.2.8'), 10)
  }

  def "a wrong token is counted once, however often it comes again, between others too"() {
    when:
    100.times { attempts.add(home, it % 2 ? 'of yesterday' : 'of last week', it) }
    7.times { attempts.add(home, "guess $it", 100 + it) }

    then:
    !attempts.isShutOut(home, 110)

    when:
    attempts.add(home, 'one more', 111)

    then:
    attempts.isShutOut(home, 112)
  }

  def "an IPv6 client has one count for its whole network"() {
    when:
    10.times { attempts.add(InetAddress.getByName("2001:db8:1:2::$it"), "guess $it", it) }

    then:
    attempts.isShutOut(InetAddress.getByName('2001:db8:1:2:ffff::1'), 10)
    !attempts.isShutOut(InetAddress.getByName('2001:db8:1:3::1'), 10)
  }

  def "however many addresses fail, a bounded number is remembered, and the newest are"() {
    when:
    (0..<5_000).each { attempts.add(InetAddress.getByAddress([10, 0, it >> 8, it & 255] as byte[]), 'guess', 0) }
    10.times { attempts.add(home, "guess $it", 0) }

    then:
    attempts.size() == 1_000
    attempts.isShutOut(home, 0)
  }
}
