package io.exactlyonce.wiring.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.micronaut.core.type.Argument;
import io.micronaut.jackson.core.tree.JsonNodeTreeCodec;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.Decoder;
import io.micronaut.serde.LimitingStream;
import io.micronaut.serde.jackson.JacksonDecoder;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Micronaut Serde's decoder without its coercions, which no setting turns off: the document must
 * have a value as the JSON type that is decoded. The check is of the parser's current token, which
 * is the last one of what was decoded, so that an array around a single value is refused too.
 */
final class StrictDecoder implements Decoder {
  private final JsonParser parser;
  private final Decoder decoder;
  private final boolean primitives; // in arrays of them Serde reads null as 0

  StrictDecoder(JsonParser parser, LimitingStream.RemainingLimits limits) throws IOException {
    this(parser, JacksonDecoder.create(parser, limits), false);
  }

  private StrictDecoder(JsonParser parser, Decoder decoder, boolean primitives) {
    this.parser = parser;
    this.decoder = decoder;
    this.primitives = primitives;
  }

  /** A decoder at the same place in the document, for an array of primitives. */
  StrictDecoder ofPrimitives() {
    return new StrictDecoder(parser, decoder, true);
  }

  private <T> T present(@Nullable T value) throws IOException {
    if (value == null) {
      throw createDeserializationException("null is not allowed here", null);
    }
    return value;
  }

  private <T> @Nullable T checked(@Nullable T value, JsonType wanted) throws IOException {
    if (value != null && !wanted.fits(parser.currentToken())) {
      throw createDeserializationException(wanted.refusal(parser.currentToken()), null);
    }
    return value;
  }

  /** Refuses an infinity, which Jackson makes of what is larger than a double or a float. */
  private <T> @Nullable T finite(@Nullable T value) throws IOException {
    if (JsonTree.hasInfinity(value)) {
      throw outOfRange();
    }
    return value;
  }

  private IOException outOfRange() {
    return createDeserializationException("the number is out of the range of its type", null);
  }

  /** Reads a whole number from its digits: the decoder of a tree converts it by way of double. */
  private @Nullable BigDecimal exact(@Nullable BigDecimal value) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        ? new BigDecimal(parser.getBigIntegerValue())
        : value;
  }

  /** Refuses 128 to 255, which Jackson reads as negative bytes. */
  private @Nullable Byte signed(@Nullable Byte value) throws IOException {
    checked(value, JsonType.WHOLE);
    if (value != null && parser.getIntValue() != value) {
      throw outOfRange();
    }
    return value;
  }

  @Override
  public String decodeString() throws IOException {
    return present(decodeStringNullable());
  }

  @Override
  public @Nullable String decodeStringNullable() throws IOException {
    return checked(decoder.decodeStringNullable(), JsonType.TEXT);
  }

  @Override
  public boolean decodeBoolean() throws IOException {
    return present(decodeBooleanNullable());
  }

  @Override
  public @Nullable Boolean decodeBooleanNullable() throws IOException {
    return checked(decoder.decodeBooleanNullable(), JsonType.BOOLEAN);
  }

  @Override
  public byte decodeByte() throws IOException {
    return present(decodeByteNullable());
  }

  @Override
  public @Nullable Byte decodeByteNullable() throws IOException {
    return signed(decoder.decodeByteNullable());
  }

  @Override
  public short decodeShort() throws IOException {
    return present(decodeShortNullable());
  }

  @Override
  public @Nullable Short decodeShortNullable() throws IOException {
    return checked(decoder.decodeShortNullable(), JsonType.WHOLE);
  }

  @Override
  public char decodeChar() throws IOException {
    return present(decodeCharNullable());
  }

  @Override
  public @Nullable Character decodeCharNullable() throws IOException {
    return checked(decoder.decodeCharNullable(), JsonType.TEXT);
  }

  @Override
  public int decodeInt() throws IOException {
    return present(decodeIntNullable());
  }

  @Override
  public @Nullable Integer decodeIntNullable() throws IOException {
    return checked(decoder.decodeIntNullable(), JsonType.WHOLE);
  }

  @Override
  public long decodeLong() throws IOException {
    return present(decodeLongNullable());
  }

  @Override
  public @Nullable Long decodeLongNullable() throws IOException {
    return checked(decoder.decodeLongNullable(), JsonType.WHOLE);
  }

  @Override
  public float decodeFloat() throws IOException {
    return present(decodeFloatNullable());
  }

  @Override
  public @Nullable Float decodeFloatNullable() throws IOException {
    return finite(checked(decoder.decodeFloatNullable(), JsonType.NUMBER));
  }

  @Override
  public double decodeDouble() throws IOException {
    return present(decodeDoubleNullable());
  }

  @Override
  public @Nullable Double decodeDoubleNullable() throws IOException {
    return finite(checked(decoder.decodeDoubleNullable(), JsonType.NUMBER));
  }

  @Override
  public BigInteger decodeBigInteger() throws IOException {
    return present(decodeBigIntegerNullable());
  }

  @Override
  public @Nullable BigInteger decodeBigIntegerNullable() throws IOException {
    return checked(decoder.decodeBigIntegerNullable(), JsonType.WHOLE);
  }

  @Override
  public BigDecimal decodeBigDecimal() throws IOException {
    return present(decodeBigDecimalNullable());
  }

  @Override
  public @Nullable BigDecimal decodeBigDecimalNullable() throws IOException {
    return exact(checked(decoder.decodeBigDecimalNullable(), JsonType.NUMBER));
  }

  @Override
  public Number decodeNumber() throws IOException {
    return present(decodeNumberNullable());
  }

  @Override
  public @Nullable Number decodeNumberNullable() throws IOException {
    return finite(checked(decoder.decodeNumberNullable(), JsonType.NUMBER));
  }

  @Override
  public byte[] decodeBinary() throws IOException {
    return present(decodeBinaryNullable());
  }

  /** Decodes Base64, or an array of bytes, which are checked like other numbers. */
  @Override
  public byte @Nullable [] decodeBinaryNullable() throws IOException {
    return switch (nextToken()) {
      case START_ARRAY -> JsonTree.bytes(this);
      case VALUE_NULL -> null;
      default -> decoder.decodeBinary();
    };
  }

  /** The token to be decoded next. The look for null moves the parser there; a null is consumed. */
  private JsonToken nextToken() throws IOException {
    return decoder.decodeNull() ? JsonToken.VALUE_NULL : parser.currentToken();
  }

  @Override
  public Decoder decodeArray(Argument<?> type) throws IOException {
    return inside(decoder.decodeArray(type));
  }

  @Override
  public Decoder decodeObject(Argument<?> type) throws IOException {
    return inside(decoder.decodeObject(type));
  }

  private Decoder inside(Decoder inner) {
    return inner == decoder ? this : new StrictDecoder(parser, inner, primitives);
  }

  /** A decoder for later, just as strict: its tree keeps the JSON types, and numbers exactly. */
  @Override
  public Decoder decodeBuffer() throws IOException {
    JsonNode tree = decodeNode();
    return new StrictDecoder(
        JsonNodeTreeCodec.getInstance().treeAsTokens(tree), LimitingStream.DEFAULT_LIMITS);
  }

  @Override
  public boolean hasNextArrayValue() throws IOException {
    return decoder.hasNextArrayValue();
  }

  @Override
  public String decodeKey() throws IOException {
    return decoder.decodeKey();
  }

  @Override
  public boolean decodeNull() throws IOException {
    boolean isNull = decoder.decodeNull();
    if (isNull && primitives) {
      throw createDeserializationException(
          "null is not allowed in an array of a primitive type such as int[]", null);
    }
    return isNull;
  }

  @Override
  public Object decodeArbitrary() throws IOException {
    Object value = decoder.decodeArbitrary();
    if (JsonTree.hasInfinity(value)) {
      throw outOfRange();
    }
    return value;
  }

  /** Decodes a fraction as a decimal: a double could be rounded, or become an infinity. */
  @Override
  public JsonNode decodeNode() throws IOException {
    return switch (nextToken()) {
      case START_OBJECT -> JsonTree.object(this);
      case START_ARRAY -> JsonTree.array(this);
      case VALUE_NUMBER_FLOAT -> JsonNode.createNumberNode(decodeBigDecimal());
      case VALUE_NULL -> JsonNode.nullNode();
      default -> decoder.decodeNode();
    };
  }

  @Override
  public void skipValue() throws IOException {
    decoder.skipValue();
  }

  @Override
  public void finishStructure(boolean consumeLeftElements) throws IOException {
    decoder.finishStructure(consumeLeftElements);
  }

  @Override
  public IOException createDeserializationException(String message, @Nullable Object invalidValue) {
    return decoder.createDeserializationException(message, null);
  }
}
