package io.exactlyonce.bench;

/**
 * One run of one contestant.
 *
 * @param startSeconds from the start of its process to its first record
 * @param records that were done; where the limit ended the run, those whose outputs are visible
 * @param seconds from the first record to the last output visible to a read_committed reader, or to
 *     the limit
 * @param workerCpu CPU seconds of its process in that time; likewise for broker and Redis
 * @param peakMegabytes most resident memory of its process
 * @param liveMegabytes what its heap still held when all was done; 0 where the limit ended the run
 */
record Result(
    String contestant,
    String workload,
    int round,
    double startSeconds,
    long records,
    double seconds,
    double workerCpu,
    double brokerCpu,
    double redisCpu,
    long peakMegabytes,
    double liveMegabytes,
    Verdict verdict) {

  double perSecond() {
    return seconds == 0 ? 0 : records / seconds;
  }

  double perMillion(double cpu) {
    return records == 0 ? 0 : cpu / records * 1e6;
  }
}
