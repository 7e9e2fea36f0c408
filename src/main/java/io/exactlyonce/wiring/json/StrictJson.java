package io.exactlyonce.wiring.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.micronaut.core.type.Argument;
import io.micronaut.serde.Deserializer;
import io.micronaut.serde.LimitingStream;
import io.micronaut.serde.SerdeRegistry;
import io.micronaut.serde.config.DeserializationConfiguration;
import io.micronaut.serde.config.SerdeConfiguration;
import io.micronaut.serde.config.SerializationConfiguration;
import io.micronaut.serde.exceptions.SerdeException;
import jakarta.inject.Singleton;
import java.io.IOException;

/**
 * Strict reader of one JSON document by the application's deserializers. It refuses anything after
 * the document, a key that an object has twice, and a value that does not have its type in the
 * document.
 */
@Singleton
public final class StrictJson {
  private final SerdeRegistry registry;
  private final SerdeConfiguration config;
  private final JsonFactory factory =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  StrictJson(
      SerdeRegistry registry,
      SerdeConfiguration config,
      SerializationConfiguration writing,
      DeserializationConfiguration reading) {
    this.registry = registry.cloneWithConfiguration(config, writing, new NoNulls(reading));
    this.config = config;
  }

  /** Reads bytes to a value of one type. Called by several threads at once. */
  @FunctionalInterface
  public interface Reader {
    Object read(byte[] bytes) throws IOException;
  }

  public <T> Reader reader(Argument<T> type) throws SerdeException {
    Deserializer.DecoderContext context = new StrictContext(registry.newDecoderContext(null));
    Deserializer<? extends T> deserializer =
        context.findDeserializer(type).createSpecific(context, type);
    return bytes -> {
      try (JsonParser parser = factory.createParser(bytes)) {
        StrictDecoder decoder =
            new StrictDecoder(parser, LimitingStream.limitsFromConfiguration(config));
        T value = deserializer.deserializeNullable(decoder, context, type);
        if (value == null) {
          throw new SerdeException("the JSON document is null");
        }
        if (parser.nextToken() != null) {
          throw new SerdeException(
              "more than one JSON document: there is further text after the first");
        }
        return value;
      }
    };
  }

  /**
   * The application's settings, except that a primitive that is null or missing is refused and not
   * read as 0.
   */
  private record NoNulls(DeserializationConfiguration others)
      implements DeserializationConfiguration {
    @Override
    public boolean isIgnoreUnknown() {
      return others.isIgnoreUnknown();
    }

    @Override
    public int getArraySizeThreshold() {
      return others.getArraySizeThreshold();
    }

    @Override
    public boolean isStrictNullable() {
      return others.isStrictNullable();
    }

    @Override
    public boolean isFailOnNullForPrimitives() {
      return true;
    }

    @Override
    public boolean isSubtypesRequireDefaultImpl() {
      return others.isSubtypesRequireDefaultImpl();
    }

    @Override
    public boolean acceptCaseInsensitiveEnums() {
      return others.acceptCaseInsensitiveEnums();
    }
  }
}
