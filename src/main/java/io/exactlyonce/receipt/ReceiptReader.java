package io.exactlyonce.receipt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/** Parser of the JSON that {@link Receipts} writes; unknown fields are skipped. */
public final class ReceiptReader {
  private static final JsonFactory JSON = new JsonFactory();

  private ReceiptReader() {}

  /**
   * Parses a receipt.
   *
   * @throws IllegalArgumentException where the bytes are no receipt, or one of another schema
   *     version
   */
  public static Receipt read(byte[] value) {
    int version = 0;
    String worker = "";
    String transactionalId = "";
    long millis = 0;
    List<Receipt.Span> spans = new ArrayList<>();
    SortedMap<String, Integer> outputs = new TreeMap<>();
    List<Receipt.Decision> decisions = new ArrayList<>();
    String generation = "";
    try (JsonParser json = JSON.createParser(value)) {
      expect(json.nextToken(), JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "v" -> version = json.getIntValue();
          case "w" -> worker = json.getText();
          case "x" -> transactionalId = json.getText();
          case "t" -> millis = json.getLongValue();
          case "p" -> {
            while (json.nextToken() == JsonToken.START_OBJECT) {
              spans.add(span(json));
            }
          }
          case "out" -> {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
              String topic = json.currentName();
              json.nextToken();
              outputs.put(topic, json.getIntValue());
            }
          }
          case "op" -> {
            while (json.nextToken() == JsonToken.START_OBJECT) {
              decisions.add(decision(json));
            }
          }
          case "g" -> generation = json.getText();
          default -> json.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not a receipt: " + e.getMessage(), e);
    }
    if (version != Receipt.SCHEMA_VERSION) {
      throw new IllegalArgumentException(
          "receipt of schema version " + version + "; this reads " + Receipt.SCHEMA_VERSION);
    }
    return new Receipt(worker, transactionalId, millis, spans, outputs, decisions, generation);
  }

  private static Receipt.Decision decision(JsonParser json) throws IOException {
    String at = "";
    String done = "";
    String why = "";
    String who = "";
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "at" -> at = json.getText();
        case "do" -> done = json.getText();
        case "why" -> why = json.getText();
        case "who" -> who = json.getText();
        default -> json.skipChildren();
      }
    }
    return new Receipt.Decision(at, done, why, who);
  }

  private static Receipt.Span span(JsonParser json) throws IOException {
    String topic = "";
    Uuid topicId = Uuid.ZERO_UUID;
    int partition = 0;
    long from = 0;
    long to = 0;
    int processed = 0;
    int skipped = 0;
    List<Long> duplicates = List.of();
    List<Long> deadLetters = List.of();
    List<Long> passed = List.of();
    List<Long> delayed = List.of();
    long outputSum = OutputSum.UNKNOWN;
    long contentSum = OutputSum.UNKNOWN;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "n" -> topic = json.getText();
        case "i" -> topicId = Uuid.fromString(json.getText());
        case "p" -> partition = json.getIntValue();
        case "f" -> from = json.getLongValue();
        case "to" -> to = json.getLongValue();
        case "ok" -> processed = json.getIntValue();
        case "skip" -> skipped = json.getIntValue();
        case "dup" -> duplicates = offsets(json);
        case "dead" -> deadLetters = offsets(json);
        case "pass" -> passed = offsets(json);
        case "late" -> delayed = offsets(json);
        case "sum" -> outputSum = json.getLongValue();
        case "crc" -> contentSum = json.getLongValue();
        default -> json.skipChildren();
      }
    }
    return new Receipt.Span(
        topic,
        topicId,
        partition,
        from,
        to,
        new Receipt.Outcomes(processed, skipped, duplicates, deadLetters, passed, delayed),
        new Receipt.Sums(outputSum, contentSum));
  }

  private static List<Long> offsets(JsonParser json) throws IOException {
    List<Long> offsets = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      offsets.add(json.getLongValue());
    }
    return offsets;
  }

  private static void expect(JsonToken found, JsonToken wanted) throws IOException {
    if (found != wanted) {
      throw new IOException("found " + found + " where " + wanted + " was expected");
    }
  }
}
