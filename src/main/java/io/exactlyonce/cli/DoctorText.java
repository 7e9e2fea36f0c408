package io.exactlyonce.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.exactlyonce.doctor.Finding;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/** Findings of the doctor as lines of text, and as JSON. */
final class DoctorText {

  private DoctorText() {}

  static Finding wrongConfiguration(String message) {
    return new Finding(Finding.Level.FAIL, "", "configuration", message, "", "");
  }

  static Finding.Level worst(List<Finding> findings) {
    return findings.stream()
        .map(Finding::level)
        .max(Comparator.naturalOrder())
        .orElse(Finding.Level.OK);
  }

  /** One line: level, check, and the finding in the words in which a start logs it. */
  static String line(Finding finding) {
    String found = finding.found().isEmpty() ? "" : " = " + finding.found();
    String remedy = finding.remedy().isEmpty() ? "" : ": " + finding.remedy();
    String pipeline = finding.pipeline().isEmpty() ? "" : finding.pipeline() + ": ";
    String text = pipeline + finding.where() + found + remedy;
    return String.format("%-7s  %-12s  %s%n", finding.level(), finding.check(), oneLine(text));
  }

  /** The text without line breaks, which messages of brokers may contain. */
  private static String oneLine(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ");
  }

  static String summary(List<Finding> findings) {
    return String.format(
        "%s: %d failures, %d warnings, %d not looked at, %d fine%n",
        worst(findings),
        count(findings, Finding.Level.FAIL),
        count(findings, Finding.Level.WARN),
        count(findings, Finding.Level.UNKNOWN),
        count(findings, Finding.Level.OK));
  }

  private static long count(List<Finding> findings, Finding.Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }

  /** One JSON object on one line. */
  static String json(List<Finding> findings) {
    return JsonLine.of(
        json -> {
          json.writeStringField("level", worst(findings).name());
          JsonLine.objects(json, "findings", findings, DoctorText::finding);
        });
  }

  private static void finding(JsonGenerator json, Finding finding) throws IOException {
    json.writeStringField("level", finding.level().name());
    json.writeStringField("pipeline", finding.pipeline());
    json.writeStringField("check", finding.check());
    json.writeStringField("where", finding.where());
    json.writeStringField("found", finding.found());
    json.writeStringField("remedy", finding.remedy());
  }
}
