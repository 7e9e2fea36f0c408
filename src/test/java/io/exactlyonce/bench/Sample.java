package io.exactlyonce.bench;

/**
 * Figures of a run at one moment.
 *
 * @param seconds since the run's first record
 * @param records committed so far
 * @param workerCpu CPU seconds of the worker's process so far; likewise for broker and Redis
 */
record Sample(double seconds, long records, double workerCpu, double brokerCpu, double redisCpu) {

  Sample since(Sample earlier) {
    return new Sample(
        seconds - earlier.seconds,
        records - earlier.records,
        workerCpu - earlier.workerCpu,
        brokerCpu - earlier.brokerCpu,
        redisCpu - earlier.redisCpu);
  }

  double perSecond() {
    return seconds > 0 ? records / seconds : 0;
  }
}
