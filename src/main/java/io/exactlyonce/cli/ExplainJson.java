package io.exactlyonce.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.exactlyonce.deadletter.Letter;
import io.exactlyonce.explain.Explanation;
import io.exactlyonce.explain.Sighting;
import io.exactlyonce.explain.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Explanation as one JSON object on one line. What is not known is null.
 *
 * @param values whether keys, values and messages of exceptions are in it
 */
record ExplainJson(boolean values) {
  String of(Explanation explanation) {
    return JsonLine.of(json -> write(json, explanation));
  }

  private void write(JsonGenerator json, Explanation explanation) throws IOException {
    json.writeStringField("group", explanation.group());
    json.writeStringField("asked", explanation.asked());
    json.writeStringField("fate", explanation.fate().name());
    json.writeBooleanField("processed", explanation.isProcessed());
    json.writeStringField("why", explanation.why());
    JsonLine.objects(json, "records", explanation.records(), this::sighting);
    json.writeNumberField("more", explanation.more());
    json.writeStringField("claim", explanation.claim());
    read(json, explanation.read());
  }

  private void sighting(JsonGenerator json, Sighting sighting) throws IOException {
    json.writeStringField("position", sighting.position().toString());
    json.writeStringField("event_id", sighting.eventId());
    json.writeStringField("fate", sighting.fate().name());
    json.writeStringField("why", sighting.why());
    json.writeStringField("other", text(sighting.other()));
    json.writeStringField("until", text(sighting.until()));
    JsonLine.objects(json, "time_line", sighting.steps(), this::step);
  }

  private void step(JsonGenerator json, Step step) throws IOException {
    json.writeStringField("time", step.time().toString());
    json.writeStringField("what", step.what().name());
    json.writeStringField("at", step.at().toString());
    json.writeStringField("told", step.told());
    if (step.receipt() != null) {
      json.writeStringField("worker", step.receipt().worker());
      json.writeStringField("transactional_id", step.receipt().transactionalId());
    }
    if (values && step.record() != null) {
      json.writeStringField("key", text(step.record().key()));
      json.writeStringField("value", text(step.record().value()));
      if (step.what() == Step.What.LETTER) {
        json.writeStringField("message", new Letter(step.record()).message());
      }
    }
  }

  private static void read(JsonGenerator json, Explanation.Read read) throws IOException {
    json.writeObjectFieldStart("read");
    json.writeNumberField("sources", read.sources());
    json.writeStringField("since", text(read.since()));
    json.writeNumberField("receipts", read.receipts());
    json.writeBooleanField("all_receipts", read.allReceipts());
    json.writeNumberField("others", read.others());
    json.writeNumberField("seconds", read.took().toMillis() / 1000.0);
    json.writeEndObject();
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  private static @Nullable String text(byte @Nullable [] value) {
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }
}
