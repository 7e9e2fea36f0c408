package io.exactlyonce.eventid;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.exactlyonce.handler.EventIdFinder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Finds a record's event id: the first that is not empty, of the configured places in order. */
public final class EventIds {
  /** A configured place, parsed once, since every record is looked at. */
  private interface Place {
    /** Null where the record has nothing there. */
    byte @Nullable [] find(ConsumerRecord<byte[], byte[]> record);
  }

  /** The forms that {@link #isPlace} accepts, for messages. */
  public static final String PLACES = "cloudevent, header:NAME, field:NAME, key or class:NAME";

  /** Longest id, in bytes. A longer one is a mistake, and would be copied into every output. */
  static final int MAX_BYTES = 1024;

  private static final String HEADER = "header:";
  private static final String FIELD = "field:";
  private static final String KEY = "key";
  private static final String CLASS = "class:";
  private static final String CLOUD_EVENT = "cloudevent";
  private static final String CE_ID = "ce_id";
  private static final String CE_SOURCE = "ce_source";

  private static final String CONTENT_TYPE = "content-type";
  private static final String STRUCTURED = "application/cloudevents+json";

  /** Loads Jackson only where a field is looked for, not in a command that looks at headers. */
  private static final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();
  }

  private final List<Place> places;

  private EventIds(List<Place> places) {
    this.places = places;
  }

  /**
   * Makes a finder for places, each of which {@link #isPlace} accepts.
   *
   * @param places {@code cloudevent}, {@code header:NAME}, {@code field:NAME} (of a JSON object, at
   *     its top level), {@code key}, or {@code class:NAME}
   * @param classes makes a finder of a class's name
   */
  public static EventIds of(List<String> places, Function<String, EventIdFinder> classes) {
    return new EventIds(places.stream().map(text -> place(text, classes)).toList());
  }

  private static Place place(String text, Function<String, EventIdFinder> classes) {
    if (text.equals(KEY)) {
      return ConsumerRecord::key;
    }
    if (text.equals(CLOUD_EVENT)) {
      return EventIds::cloudEvent;
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

  /** The id's bytes, usable or not; null where no place has one. */
  public byte @Nullable [] find(ConsumerRecord<byte[], byte[]> record) {
    for (int i = 0; i < places.size(); i++) {
      byte[] found = places.get(i).find(record);
      if (found != null && found.length > 0) {
        return found;
      }
    }
    return null;
  }

  private static byte @Nullable [] header(String name, ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(name);
    return header == null ? null : header.value();
  }

  /**
   * A CloudEvent's identity, by its Kafka binding: in binary mode from its headers; in structured
   * mode, which may have the headers too, from the fields of its JSON.
   */
  private static byte @Nullable [] cloudEvent(ConsumerRecord<byte[], byte[]> record) {
    byte[] id = header(CE_ID, record);
    if (id != null && id.length > 0) {
      return identity(header(CE_SOURCE, record), id);
    }
    if (!isStructured(record)) {
      return null;
    }
    byte[] inside = field("id", record);
    return inside == null || Refusal.of(inside) != null
        ? inside
        : identity(field("source", record), inside);
  }

  private static boolean isStructured(ConsumerRecord<byte[], byte[]> record) {
    byte[] type = header(CONTENT_TYPE, record);
    return type != null
        && new String(type, StandardCharsets.UTF_8)
            .trim()
            .toLowerCase(Locale.ROOT)
            .startsWith(STRUCTURED);
  }

  /**
   * The source, a space, the id. A source with a space in it is refused: otherwise two events that
   * differ in source and id could have the same identity.
   */
  private static byte[] identity(byte @Nullable [] source, byte[] id) {
    if (isBlank(id)) {
      return id;
    }
    if (source == null || source.length == 0) {
      return Refusal.NO_SOURCE.id();
    }
    if (Refusal.of(source) != null) {
      return source;
    }
    for (byte b : source) {
      if (b >= 0 && b <= ' ') {
        return Refusal.NO_SOURCE.id();
      }
    }
    byte[] both = Arrays.copyOf(source, source.length + 1 + id.length);
    both[source.length] = ' ';
    System.arraycopy(id, 0, both, source.length + 1, id.length);
    return isUtf8(source) && isUtf8(id) ? both : Refusal.NOT_UTF_8.id();
  }

  /**
   * The id that a user's class finds. Any Throwable of it fails only this record: an Error too,
   * since otherwise a record nested so deeply that the stack overflows would end each worker that
   * reads it. The interrupt flag belongs to the calling thread, and is put back as it was.
   */
  private static byte @Nullable [] find(
      EventIdFinder finder, ConsumerRecord<byte[], byte[]> record) {
    boolean interrupted = Thread.currentThread().isInterrupted();
    String found;
    try {
      found = finder.find(record.key(), record.value(), HeaderView.of(record.headers()));
    } catch (Throwable e) { // the finder's: the record becomes a dead letter that says so
      return Refusal.FINDER_THREW.id();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      } else {
        Thread.interrupted();
      }
    }
    return found == null ? null : encoded(found);
  }

  /**
   * The text of a field at the top level of a JSON object; null where the value is no object, or
   * has no such field. An invalid value is reported when it is decoded. The object is read to its
   * end, since a field that comes twice is refused.
   */
  private static byte @Nullable [] field(String name, ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return null;
    }
    boolean there = false;
    byte[] found = null;
    try (JsonParser json = Json.FACTORY.createParser(record.value())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = json.currentName().equals(name);
        JsonToken token = json.nextToken();
        if (wanted) {
          if (there) {
            return Refusal.FIELD_TWICE.id();
          }
          there = true;
          found = scalar(token, json);
        }
        json.skipChildren();
      }
      return there && (json.nextToken() != null || !isUtf8(record.value()))
          ? Refusal.FIELD_UNSURE.id()
          : found;
    } catch (IOException e) {
      return there ? Refusal.FIELD_UNSURE.id() : null;
    }
  }

  /**
   * The text of a field's value; null where it is null, an object or an array. Fractions are
   * refused: 1.0, 1 and 1e0 may be the same number, but are three texts.
   */
  private static byte @Nullable [] scalar(JsonToken token, JsonParser json) throws IOException {
    return switch (token) {
      case VALUE_STRING, VALUE_NUMBER_INT -> encoded(json.getText());
      case VALUE_NULL, START_OBJECT, START_ARRAY -> null;
      default -> Refusal.FIELD_NO_TEXT.id();
    };
  }

  /**
   * The text in UTF-8. Half a surrogate pair is refused: {@code getBytes} would replace it by a
   * question mark, so that different ids would become equal.
   */
  private static byte[] encoded(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text)
        ? text.getBytes(StandardCharsets.UTF_8)
        : Refusal.NOT_UTF_8.id();
  }

  /** Whether the text has the form of a place. */
  public static boolean isPlace(String text) {
    return text.equals(KEY)
        || text.equals(CLOUD_EVENT)
        || (text.startsWith(HEADER) && text.length() > HEADER.length())
        || (text.startsWith(FIELD) && text.length() > FIELD.length())
        || (text.startsWith(CLASS) && text.length() > CLASS.length());
  }

  /** The id's bytes where {@link #isUsable}, so that a claim is made under it; else null. */
  public byte @Nullable [] findUsable(ConsumerRecord<byte[], byte[]> record) {
    byte[] found = find(record);
    return found != null && isUsable(found) ? found : null;
  }

  /** Why the id is not usable, for the reason of the dead letter. */
  public static String whyUnusable(byte[] id) {
    Refusal refusal = Refusal.of(id);
    if (refusal != null) {
      return refusal.why();
    }
    return isUtf8(id) && isBlank(id)
        ? "the event id is blank"
        : "the event id is not UTF-8 text of at most " + MAX_BYTES + " bytes";
  }

  /** Whether the id can stand in a header and a message: not too long, not blank, and UTF-8. */
  public static boolean isUsable(byte[] id) {
    if (id.length > MAX_BYTES) {
      return false;
    }
    boolean ascii = true;
    boolean seen = false;
    for (byte b : id) {
      ascii &= b >= ' ';
      seen |= b > ' ';
    }
    return ascii ? seen : isUtf8(id) && !isBlank(id);
  }

  private static boolean isBlank(byte[] id) {
    return new String(id, StandardCharsets.UTF_8)
        .codePoints()
        .allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0);
  }

  private static boolean isUtf8(byte[] text) {
    int or = 0;
    for (byte b : text) {
      or |= b;
    }
    if (or >= 0) {
      return true;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
