package com.example.payments

import io.exactlyonce.kit.HandlerKit
import spock.lang.Specification

class PaymentHandlerSpec extends Specification {

  static final long LARGE = 1_000
  static final long MOST = 999_999_999_999_999_999

  def kit = HandlerKit.of(new PaymentHandler(LARGE), 'ledger', 'notifications')

  def "a payment becomes two ledger lines, keyed by account, that add up to nothing"() {
    when:
    def decided = kit.given('p-1', 'alice', new Payment('alice', 'bob', 250, 'EUR'))

    then:
    decided.records('ledger')*.key() == ['alice', 'bob']
    decided.outputs('ledger') == [
        new LedgerEntry('alice', 'p-1', -250, 'EUR', 'bob'),
        new LedgerEntry('bob', 'p-1', 250, 'EUR', 'alice'),
    ]
  }

  def "a payment of #cents cents is notified: #notified"() {
    when:
    def decided = kit.given('p-1', 'alice', new Payment('alice', 'bob', cents, 'EUR'))

    then:
    decided.records('notifications')*.key() == (notified ? ['alice'] : [])
    decided.outputs('notifications') == (notified ? [new Notification('alice', 'p-1', cents, 'EUR')] : [])

    where:
    cents          || notified
    1              || false
    1e2            || false
    LARGE - 1      || false
    LARGE          || true
    MOST           || true
  }

  def "#payment is refused because #reason"() {
    expect:
    kit.given('p-1', 'alice', payment).deadLetter() == "payment refused: $reason"

    where:
    payment                                        || reason
    null                                           || 'the record has no value'
    new Payment(null, 'bob', 1, 'EUR')             || 'debtor is missing'
    new Payment(' ', 'bob', 1, 'EUR')              || 'debtor is blank'
    new Payment('a' * 201, 'bob', 1, 'EUR')        || 'debtor is too long'
    new Payment('alice', null, 1, 'EUR')           || 'creditor is missing'
    new Payment('alice', '', 1, 'EUR')             || 'creditor is blank'
    new Payment('alice', 'b' * 201, 1, 'EUR')      || 'creditor is too long'
    new Payment('alice', 'alice', 1, 'EUR')        || 'creditor is the debtor'
    new Payment('alice', 'bob', null, 'EUR')       || 'cents is missing'
    new Payment('alice', 'bob', 0, 'EUR')          || 'cents is not above 0'
    new Payment('alice', 'bob', -1, 'EUR')         || 'cents is not above 0'
    new Payment('alice', 'bob', -1e999999999, 'EUR') || 'cents is not above 0'
    new Payment('alice', 'bob', 12.5, 'EUR')       || 'cents is not a whole number below 10^18'
    new Payment('alice', 'bob', MOST + 1, 'EUR')   || 'cents is not a whole number below 10^18'
    new Payment('alice', 'bob', 1e999999999, 'EUR') || 'cents is not a whole number below 10^18'
    new Payment('alice', 'bob', 1e-999999999, 'EUR') || 'cents is not a whole number below 10^18'
    new Payment('alice', 'bob', 1, null)           || 'currency is not three capital letters'
    new Payment('alice', 'bob', 1, 'eur')          || 'currency is not three capital letters'
    new Payment('alice', 'bob', 1, 'EURO')         || 'currency is not three capital letters'
    new Payment('alice', 'bob', 1, 'ÄÖÜ')          || 'currency is not three capital letters'
  }

  def "a threshold of #cents is refused with the key that set it"() {
    when:
    new PaymentHandler(cents)

    then:
    def e = thrown(IllegalArgumentException)
    e.message.contains('payments.notify-from-cents')

    where:
    cents << [0, -1]
  }
}
