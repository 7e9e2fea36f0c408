package io.exactlyonce.bench;

/**
 * One run of the sweep.
 *
 * @param dimension what was changed, with its unit
 * @param value to what
 * @param valueBytes size of the records' values
 */
record SweepPoint(String dimension, String value, int valueBytes, Result result) {

  double megabytesPerSecond() {
    return result.perSecond() * valueBytes / 1e6;
  }

  static String head() {
    return Report.format(
        "%n| sweep | | records/s | MB/s | worker CPU s per million | broker | Redis | peak MB | live MB"
            + " | start s |%n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |%n");
  }

  String row() {
    Result r = result;
    return Report.format(
        "| %s | %s | %,.0f | %.1f | %.1f | %.1f | %.1f | %d | %.1f | %.1f |%n",
        dimension,
        value,
        r.perSecond(),
        megabytesPerSecond(),
        r.perMillion(r.workerCpu()),
        r.perMillion(r.brokerCpu()),
        r.perMillion(r.redisCpu()),
        r.peakMegabytes(),
        r.liveMegabytes(),
        r.startSeconds());
  }
}
