package io.exactlyonce.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;

/** Every run, for whoever draws pictures of their own. */
final class Json {
  private Json() {}

  static String of(
      List<Result> results,
      List<SteadyResult> steady,
      List<LatencyResult> latencies,
      List<SweepPoint> sweep)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeStringField("java", System.getProperty("java.vm.version"));
      json.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
      json.writeArrayFieldStart("throughput");
      for (Result r : results) {
        write(json, r);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("steady");
      for (SteadyResult r : steady) {
        write(json, r);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("latency");
      for (LatencyResult r : latencies) {
        write(json, r);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("sweep");
      for (SweepPoint point : sweep) {
        json.writeStartObject();
        json.writeStringField("dimension", point.dimension());
        json.writeStringField("value", point.value());
        json.writeFieldName("result");
        write(json, point.result());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text + "\n";
  }

  private static void write(JsonGenerator json, Result r) throws IOException {
    json.writeStartObject();
    json.writeStringField("contestant", r.contestant());
    json.writeStringField("workload", r.workload());
    json.writeNumberField("round", r.round());
    json.writeNumberField("startSeconds", r.startSeconds());
    json.writeNumberField("records", r.records());
    json.writeNumberField("seconds", r.seconds());
    json.writeNumberField("recordsPerSecond", Math.round(r.perSecond()));
    json.writeNumberField("workerCpuSeconds", r.workerCpu());
    json.writeNumberField("brokerCpuSeconds", r.brokerCpu());
    json.writeNumberField("redisCpuSeconds", r.redisCpu());
    json.writeNumberField("peakMegabytes", r.peakMegabytes());
    json.writeNumberField("liveMegabytes", r.liveMegabytes());
    json.writeNumberField("missing", r.verdict().missing());
    json.writeNumberField("twice", r.verdict().twice());
    json.writeNumberField("duplicatesThrough", r.verdict().through());
    json.writeNumberField("outOfOrder", r.verdict().disordered());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, SteadyResult r) throws IOException {
    json.writeStartObject();
    json.writeNumberField("firstRecordsPerSecond", Math.round(r.phases().firstPerSecond()));
    json.writeNumberField("warmUpSeconds", r.phases().warmUp());
    json.writeBooleanField("steady", r.phases().isSteady());
    json.writeBooleanField("killedOnce", r.isKilled());
    json.writeFieldName("counted");
    write(json, r.counted());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, LatencyResult r) throws IOException {
    json.writeStartObject();
    json.writeStringField("contestant", r.contestant());
    json.writeNumberField("perSecond", r.perSecond());
    json.writeNumberField("round", r.round());
    json.writeNumberField("p50", r.p50());
    json.writeNumberField("p99", r.p99());
    json.writeNumberField("p999", r.p999());
    json.writeNumberField("max", r.most());
    json.writeNumberField("missing", r.missing());
    json.writeEndObject();
  }
}
