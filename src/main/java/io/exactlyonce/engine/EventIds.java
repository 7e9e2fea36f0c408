package io.exactlyonce.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Finds a record's event id at the configured places; the first that is there counts.
 *
 * @param places {@code header:NAME}, {@code field:NAME} (of a JSON object, at its top level) or
 *     {@code key}
 */
public record EventIds(List<String> places) {
  /** A longer id is somebody's mistake, and would be copied into every output. */
  static final int MOST_BYTES = 1024;

  private static final byte[] NOT_UTF_8 = {(byte) 0xFF};
  private static final JsonFactory JSON = new JsonFactory();

  /** The id's bytes; null where the record has none. */
  public byte[] find(ConsumerRecord<byte[], byte[]> record) {
    for (String place : places) {
      byte[] found = find(place, record);
      if (found != null && found.length > 0) {
        return found;
      }
    }
    return null;
  }

  private static byte[] find(String place, ConsumerRecord<byte[], byte[]> record) {
    if (place.startsWith("header:")) {
      Header header = record.headers().lastHeader(place.substring("header:".length()));
      return header == null ? null : header.value();
    }
    return place.equals("key") ? record.key() : field(place.substring("field:".length()), record);
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
    return text.equals("key")
        || (text.startsWith("header:") && text.length() > "header:".length())
        || (text.startsWith("field:") && text.length() > "field:".length());
  }

  /** The id's bytes where it is one that a claim is made under; else null. */
  public byte[] findUsable(ConsumerRecord<byte[], byte[]> record) {
    byte[] found = find(record);
    return found != null && isUsable(found) ? found : null;
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
