package io.exactlyonce.engine


import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import java.time.Duration

/**
 * What records that fail cost those that do not, on a machine that does nothing else: {@code mvn
 * test -Dtest=FailingThroughputFigures}; the figures go to target/failing-figures.txt. {@code
 * -Drounds=} says how many, 3 if not said.
 *
 * Measured is the throughput of 100,000 good records: their number over the time from the first
 * record read to the last one visible, without and with the records that fail, in turns.
 *
 * What decides is whether the in-flight bound holds what arrives while the retried records wait. A
 * partition's records go on being handled meanwhile, and are sent when the wait ends, so nothing is
 * lost while there is room; once the partition's share of the bound is full it stands until then.
 * The first case is the measure: with retry.backoff as it is by default (waits of 350 to 700 ms in
 * all) and handlers that take a millisecond, 16 at once, the bound is worth more than a second. The
 * others are without work in the handlers, 100,000 records a second and more: where the waits fit
 * into the bound they cost nothing; where all 12 partitions wait longer, the rest of their waits
 * is time in which nothing is handled, once, however long the run is.
 */
class FailingThroughputFigures extends FailingThroughput {

  static final int GOOD = 100_000
  static final int ROUNDS = Integer.getInteger('rounds', 3)
  static final Path FIGURES = Path.of('target', 'failing-figures.txt')

  def "#what"() {
    given: 'a JVM that is warm'
    [true, false].each { measure(it, GOOD, Duration.ZERO, [concurrency: '2']) }

    when:
    def rounds = (1..ROUNDS).collect { [measure(false, GOOD, each, settings), measure(true, GOOD, each, settings)] }
    def medians = [0, 1].collect { kind -> rounds*.get(kind).sort()[ROUNDS.intdiv(2)] }
    def slower = medians[1] / medians[0] as double
    Files.writeString(FIGURES, String.format('%s: without, with %s ms; %.0f and %.0f records/s, %.3f times as long%n', what, rounds,
        GOOD * 1000d / medians[0], GOOD * 1000d / medians[1], slower), StandardOpenOption.CREATE, StandardOpenOption.APPEND)

    then:
    slower <= most

    where:
    what                                                         | each                  | settings                                                                         || most
    'handlers of 1 ms, 16 at once'                               | Duration.ofMillis(1)  | [concurrency: '16']                                                              || 1.1
    'handlers without work, retry.backoff 10ms'                  | Duration.ZERO         | [concurrency: '2', 'retry.backoff': '10ms']                                      || 1.1
    'handlers without work, in-flight-records 120000'            | Duration.ZERO         | [concurrency: '2', 'in-flight-records': '120000']                                || 1.3
    'handlers without work, in-flight-records 20000, waits that fill it' | Duration.ZERO | [concurrency: '2']                                                               || 2.0
  }
}
