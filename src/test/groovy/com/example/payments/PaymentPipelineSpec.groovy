package com.example.payments

import io.exactlyonce.kit.RunningPipeline
import io.exactlyonce.local.BackendsSpec
import spock.lang.AutoCleanup
import spock.lang.Shared

/** The whole pipeline, on a real Kafka and a real Redis. */
class PaymentPipelineSpec extends BackendsSpec {

  @Shared
  @AutoCleanup
  RunningPipeline pipeline

  def setupSpec() {
    pipeline = RunningPipeline.of('payments', backends)
  }

  def "a payment is booked once, however often it is sent"() {
    when:
    3.times { pipeline.send('p-1', 'alice', new Payment('alice', 'bob', 250, 'EUR')) }

    then:
    pipeline.outputs('ledger', LedgerEntry)*.account().sort() == ['alice', 'bob']
  }

  def "a payment that cannot be booked is a dead letter, and the next one is booked"() {
    when:
    pipeline.send('p-2', 'carol', '{"debtor":"carol","creditor":"dave","cents":12.5,"currency":"EUR"}')
    pipeline.send('p-3', 'carol', new Payment('carol', 'dave', 1250, 'EUR'))

    then:
    pipeline.outputs('ledger', LedgerEntry)*.paymentId().findAll { it != 'p-1' } == ['p-3', 'p-3']
    pipeline.deadLetters()*.reason() == ['payment refused: cents is not a whole number below 10^18']
  }
}
