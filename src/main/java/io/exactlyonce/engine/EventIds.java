package io.exactlyonce.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.exactlyonce.handler.EventIdFinder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Finds a record's event id at the configured places; the first that is there counts. */
public final class EventIds {
  /** A place, read once: every record is looked at. */
  private interface Place {
    /** Null where the record has nothing there. */
    byte[] find(ConsumerRecord<byte[], byte[]> record);
  }

  /** What {@link #isPlace} knows, for messages. */
  public static final String PLACES = "header:NAME, field:NAME, key or class:NAME";

  /** A longer id is somebody's mistake, and would be copied into every output. */
  static final int MOST_BYTES = 1024;

  private static final String HEADER = "header:";
  private static final String FIELD = "field:";
  private static final String KEY = "key";
  private static final String CLASS = "class:";
  private static final byte[] NOT_UTF_8 = {(byte) 0xFF};

  /** Known by its identity; unusable like any other that is not UTF-8. */
  private static final byte[] FINDER_THREW = {(byte) 0xFE};

  private static final JsonFactory JSON = new JsonFactory();

  private final List<Place> places;

  private EventIds(List<Place> places) {
    this.places = places;
  }

  /**
   * @param places {@code header:NAME}, {@code field:NAME} (of a JSON object, at its top level),
   *     {@code key}, or {@code class:NAME}
   * @param classes makes a finder of a class's name
   */
  public static EventIds of(List<String> places, Function<String, EventIdFinder> classes) {
    return new EventIds(places.stream().map(text -> place(text, classes)).toList());
  }

  private static Place place(String text, Function<String, EventIdFinder> classes) {
    if (text.equals(KEY)) {
      return ConsumerRecord::key;
    }
    String name = text.substring(text.indexOf(':') + 1);
    if (text.startsWith(HEADER)) {
      return record -> header(name, record);
    }
    if (text.startsWith(CLASS)) {
      EventIdFinder finder = classes.apply(name);
      return record -> find(finder, record);
    }
    return record -> field(name, record);
  }

  /** The id's bytes; null where the record has none. */
  public byte[] find(ConsumerRecord<byte[], byte[]> record) {
    for (int i = 0; i < places.size(); i++) {
      byte[] found = places.get(i).find(record);
      if (found != null && found.length > 0) {
        return found;
      }
    }
    return null;
  }

  private static byte[] header(String name, ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(name);
    return header == null ? null : header.value();
  }

  /** What a finder cannot read is that record's trouble, and no reason to stop at it for ever. */
  private static byte[] find(EventIdFinder finder, ConsumerRecord<byte[], byte[]> record) {
    String found;
    try {
      found = finder.find(record.key(), record.value(), HeaderView.of(record.headers()));
    } catch (RuntimeException e) {
      return FINDER_THREW;
    }
    return found == null ? null : encoded(found);
  }

  /** A value that is no JSON object has no field; what is wrong with it is found at decoding. */
  private static byte[] field(String name, ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return null;
    }
    try (JsonParser json = JSON.createParser(record.value())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = json.currentName().equals(name);
        JsonToken token = json.nextToken();
        if (wanted) {
          return token.isScalarValue() && token != JsonToken.VALUE_NULL
              ? encoded(json.getText())
              : null;
        }
        json.skipChildren();
      }
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Half a surrogate pair has no encoding: such ids are not replaced by each other's question mark.
   */
  private static byte[] encoded(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text)
        ? text.getBytes(StandardCharsets.UTF_8)
        : NOT_UTF_8;
  }

  /** Whether the text names a place to look at. */
  public static boolean isPlace(String text) {
    return text.equals(KEY)
        || (text.startsWith(HEADER) && text.length() > HEADER.length())
        || (text.startsWith(FIELD) && text.length() > FIELD.length())
        || (text.startsWith(CLASS) && text.length() > CLASS.length());
  }

  /** The id's bytes where it is one that a claim is made under; else null. */
  public byte[] findUsable(ConsumerRecord<byte[], byte[]> record) {
    byte[] found = find(record);
    return found != null && isUsable(found) ? found : null;
  }

  /** Why the id is not usable, in words for the dead letter. */
  static String whyUnusable(byte[] id) {
    return id == FINDER_THREW
        ? "the class of guard.event-id threw at this record"
        : "the event id is not UTF-8 text of at most " + MOST_BYTES + " bytes";
  }

  /** Whether the id can stand in a header and a message: not too long, and UTF-8. */
  static boolean isUsable(byte[] id) {
    if (id.length > MOST_BYTES) {
      return false;
    }
    boolean ascii = true;
    for (byte b : id) {
      ascii &= b >= 0x20;
    }
    if (ascii) {
      return true;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(id));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
