package io.exactlyonce.deadletter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * The list of replayed letters. Each transaction of a replay adds what it replays, so that a letter
 * is written to its source once, whatever the filters, and whatever crashed.
 *
 * <pre>{"v":1,"t":1763690000000,"i":"kG1..","p":3,"o":[17,21]}</pre>
 *
 * <p>Version, time in ms, id of the letters' topic, their partition, their offsets. A topic that
 * was deleted and made anew has another id, and holds other letters.
 */
public final class ReplayLog {
  private static final int VERSION = 1;
  private static final JsonFactory JSON = new JsonFactory();

  private final String topic;
  private final Uuid lettersId;
  private final Set<RecordPosition> replayed = new HashSet<>();

  /**
   * @param topic of the list
   * @param lettersId id of the topic of dead letters
   */
  public ReplayLog(String topic, Uuid lettersId) {
    this.topic = topic;
    this.lettersId = lettersId;
  }

  public boolean holds(RecordPosition letter) {
    return replayed.contains(letter);
  }

  /** The topic's id, as metadata of the offsets of the replay's group. */
  String lettersId() {
    return lettersId.toString();
  }

  /** Whether an offset with this metadata is one of these letters; without metadata it is. */
  boolean isOfTheseLetters(String metadata) {
    return metadata.isEmpty() || metadata.equals(lettersId());
  }

  int size() {
    return replayed.size();
  }

  /**
   * Takes a record of the list in.
   *
   * @param letters name of the topic of dead letters
   * @throws IllegalArgumentException where it cannot be read: its letters would be replayed again
   */
  public void add(byte[] value, String letters) {
    try (JsonParser json = JSON.createParser(value)) {
      String id = "";
      int partition = -1;
      int version = 0;
      List<Long> offsets = new ArrayList<>();
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "v" -> version = json.getIntValue();
          case "i" -> id = json.getText();
          case "p" -> partition = json.getIntValue();
          case "o" -> {
            while (json.nextToken() != JsonToken.END_ARRAY) {
              offsets.add(json.getLongValue());
            }
          }
          default -> json.skipChildren();
        }
      }
      if (version != VERSION || partition < 0) {
        throw new IllegalArgumentException(topic + " holds a record of version " + version);
      }
      if (id.equals(lettersId())) {
        TopicPartition of = new TopicPartition(letters, partition);
        offsets.forEach(offset -> replayed.add(new RecordPosition(of, offset)));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(topic + " holds a record that no replay wrote", e);
    }
  }

  /** Records that list these letters, one per partition. */
  List<ProducerRecord<byte[], byte[]>> records(List<RecordPosition> letters, long millis) {
    Map<Integer, List<Long>> offsets = new TreeMap<>();
    letters.forEach(
        at ->
            offsets
                .computeIfAbsent(at.partition().partition(), p -> new ArrayList<>())
                .add(at.offset()));
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    offsets.forEach(
        (partition, some) -> {
          records.add(new ProducerRecord<>(topic, null, write(partition, some, millis)));
        });
    return records;
  }

  private byte[] write(int partition, List<Long> offsets, long millis) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 + 8 * offsets.size());
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("v", VERSION);
      json.writeNumberField("t", millis);
      json.writeStringField("i", lettersId());
      json.writeNumberField("p", partition);
      json.writeArrayFieldStart("o");
      for (long offset : offsets) {
        json.writeNumber(offset);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a byte array cannot fail", e);
    }
    return bytes.toByteArray();
  }
}
