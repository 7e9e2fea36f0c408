package io.exactlyonce.contract

import groovy.json.JsonSlurper
import io.exactlyonce.receipt.Receipt
import io.exactlyonce.receipt.ReceiptReader
import io.exactlyonce.receipt.Receipts
import spock.lang.Specification

import java.nio.file.Files

/**
 * Receipts as versions before this one wrote them, one a line, the oldest first. A field that is added gets a line of its own;
 * no line is ever changed.
 */
class ReceiptContractSpec extends Specification {

  static final List<String> STORED = Files.readAllLines(Contract.FOLDER.resolve('receipts.ndjson'))

  def "nothing of a stored receipt is lost by reading it: #stored"() {
    expect: 'since what was read is written as it stood'
    new JsonSlurper().parseText(new String(Receipts.write(ReceiptReader.read(stored.bytes)))) == new JsonSlurper().parseText(stored)

    where:
    stored << STORED
  }

  def "each field of a receipt means what it meant"() {
    given:
    def receipt = ReceiptReader.read(STORED.last().bytes)
    def span = receipt.spans()[0]

    expect:
    receipt.worker() == 'payments-a-0'
    receipt.transactionalId() == 'payments-a-0-b'
    receipt.millis() == 1763690000000
    receipt.outputs() == [ledger: 196]
    receipt.generation() == '3-5f0c21aa'
    receipt.decisions() == [new Receipt.Decision('payments-3@131', 'skip', 'known', 'ann')]
    [span.topic(), span.topicId().toString(), span.partition(), span.from(), span.to()] == ['payments', 'kG1qX3T5Rf6xM0m2T2cN5Q', 3, 100, 200]
    [span.processed(), span.skipped(), span.outputSum(), span.contentSum()] == [94, 2, 7, 4294967295]
    [span.duplicates(), span.deadLetters(), span.passed(), span.delayed()] == [[120], [130], [131], [132]]
  }

  def "stored receipts are of the version that is written"() {
    expect:
    STORED.collect { new JsonSlurper().parseText(it).v }.toSet() == [Receipt.SCHEMA_VERSION] as Set
  }
}
