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
 * Measured is the throughput of the good records: their number over the time from the first
 * record read to the last one visible, without and with the records that fail, in turns.
 *
 * While a record is retried its partition's others are handled, up to its share of the in-flight
 * bound, and are sent when the wait ends. So what the waits cost depends on what they are held
 * against. The first case is the measure: handlers that take a millisecond, 16 at once, and
 * everything else as it is by default; the waits of a partition, 260 to 700 ms in all, are shorter
 * than the bound takes to fill, and nothing stands. The others are without work in the handlers: the
 * run is then over in less than a second, and where all 12 partitions wait for most of it at once,
 * it lasts as much longer. That is paid once, as the longer run shows, and no bound would help: the
 * outputs behind a waiting record cannot be sent before it is done.
 */
class FailingThroughputFigures extends FailingThroughput {

  static final int ROUNDS = Integer.getInteger('rounds', 3)
  static final Path FIGURES = Path.of('target', 'failing-figures.txt')

  def "#what"() {
    given: 'a JVM that is warm'
    [true, false].each { measure(it, 100_000, Duration.ZERO, [concurrency: '2']) }

    when:
    def rounds = (1..ROUNDS).collect { [measure(false, good, each, settings), measure(true, good, each, settings)] }
    def medians = [0, 1].collect { kind -> rounds*.get(kind).sort()[ROUNDS.intdiv(2)] }
    def slower = medians[1] / medians[0] as double
    Files.writeString(FIGURES, String.format('%s: without, with %s ms; %.0f and %.0f records/s, %.3f times as long%n', what, rounds,
        good * 1000d / medians[0], good * 1000d / medians[1], slower), StandardOpenOption.CREATE, StandardOpenOption.APPEND)

    then:
    slower <= most

    where:
    what                                                       | good    | each                 | settings                                    || most
    'handlers of 1 ms, 16 at once'                             | 100_000 | Duration.ofMillis(1) | [concurrency: '16']                         || 1.1
    'handlers without work, retry.backoff 10ms'                | 100_000 | Duration.ZERO        | [concurrency: '2', 'retry.backoff': '10ms'] || 1.25
    'handlers without work, 4 times the records'               | 400_000 | Duration.ZERO        | [concurrency: '2']                          || 1.5
    'handlers without work'                                    | 100_000 | Duration.ZERO        | [concurrency: '2']                          || 2.5
  }
}
