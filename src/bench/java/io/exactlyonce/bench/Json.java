package io.exactlyonce.bench;

import io.micronaut.json.JsonMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every run as JSON, for tools that draw other pictures than ours. */
final class Json {
  private Json() {}

  static String of(
      List<Result> results,
      List<SteadyResult> steady,
      List<LatencyResult> latencies,
      List<SweepPoint> sweep)
      throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("java", System.getProperty("java.vm.version"));
    all.put("processors", Runtime.getRuntime().availableProcessors());
    all.put("throughput", results.stream().map(Json::fields).toList());
    all.put("steady", steady.stream().map(Json::fields).toList());
    all.put("latency", latencies.stream().map(Json::fields).toList());
    all.put("sweep", sweep.stream().map(Json::fields).toList());
    return JsonMapper.createDefault().writeValueAsString(all) + "\n";
  }

  private static Map<String, Object> fields(Result r) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("contestant", r.contestant());
    fields.put("workload", r.workload());
    fields.put("round", r.round());
    fields.put("startSeconds", r.startSeconds());
    fields.put("records", r.records());
    fields.put("seconds", r.seconds());
    fields.put("recordsPerSecond", Math.round(r.perSecond()));
    fields.put("workerCpuSeconds", r.workerCpu());
    fields.put("brokerCpuSeconds", r.brokerCpu());
    fields.put("redisCpuSeconds", r.redisCpu());
    fields.put("peakMegabytes", r.peakMegabytes());
    fields.put("liveMegabytes", r.liveMegabytes());
    fields.put("missing", r.verdict().missing());
    fields.put("twice", r.verdict().twice());
    fields.put("duplicatesThrough", r.verdict().through());
    fields.put("outOfOrder", r.verdict().disordered());
    return fields;
  }

  private static Map<String, Object> fields(SteadyResult r) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("firstRecordsPerSecond", Math.round(r.phases().firstPerSecond()));
    fields.put("warmUpSeconds", r.phases().warmUp());
    fields.put("steady", r.phases().isSteady());
    fields.put("killedOnce", r.isKilled());
    fields.put("counted", fields(r.counted()));
    return fields;
  }

  private static Map<String, Object> fields(LatencyResult r) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("contestant", r.contestant());
    fields.put("perSecond", r.perSecond());
    fields.put("round", r.round());
    fields.put("p50", r.p50());
    fields.put("p99", r.p99());
    fields.put("p999", r.p999());
    fields.put("max", r.most());
    fields.put("missing", r.missing());
    return fields;
  }

  private static Map<String, Object> fields(SweepPoint point) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("dimension", point.dimension());
    fields.put("value", point.value());
    fields.put("result", fields(point.result()));
    return fields;
  }
}
