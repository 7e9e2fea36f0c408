package io.exactlyonce.wiring.json;

import io.micronaut.core.beans.BeanIntrospection;
import io.micronaut.core.convert.ConversionService;
import io.micronaut.core.type.Argument;
import io.micronaut.serde.Decoder;
import io.micronaut.serde.Deserializer;
import io.micronaut.serde.config.DeserializationConfiguration;
import io.micronaut.serde.config.SerdeConfiguration;
import io.micronaut.serde.config.naming.PropertyNamingStrategy;
import io.micronaut.serde.exceptions.SerdeException;
import io.micronaut.serde.reference.PropertyReference;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;

/**
 * The application's deserializers, except that arrays of primitives refuse null. Serde reads such a
 * null as 0: the setting that refuses null for primitives does not apply to elements of arrays.
 */
record StrictContext(Deserializer.DecoderContext context) implements Deserializer.DecoderContext {

  /** Deserializer of an array of primitives, from a decoder that refuses null. */
  private record PrimitiveArray<T>(Deserializer<T> array) implements Deserializer<T> {
    @Override
    public T deserialize(Decoder decoder, DecoderContext context, Argument<? super T> type)
        throws IOException {
      Decoder strict = decoder instanceof StrictDecoder it ? it.ofPrimitives() : decoder;
      return array.deserialize(strict, context, type);
    }
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> Deserializer<? extends T> findDeserializer(Argument<? extends T> type)
      throws SerdeException {
    Deserializer<T> found = (Deserializer<T>) context.findDeserializer(type);
    boolean isPrimitives = type.isArray() && type.getType().getComponentType().isPrimitive();
    return isPrimitives
        ? new PrimitiveArray<>(found.createSpecific(this, (Argument<T>) type))
        : found;
  }

  @Override
  public <T, D extends Deserializer<? extends T>> D findCustomDeserializer(Class<? extends D> type)
      throws SerdeException {
    return context.findCustomDeserializer(type);
  }

  @Override
  public <T> Collection<BeanIntrospection<? extends T>> getDeserializableSubtypes(Class<T> type) {
    return context.getDeserializableSubtypes(type);
  }

  @Override
  public <D extends PropertyNamingStrategy> D findNamingStrategy(Class<? extends D> type)
      throws SerdeException {
    return context.findNamingStrategy(type);
  }

  @Override
  public ConversionService getConversionService() {
    return context.getConversionService();
  }

  @Override
  public boolean hasView(Class<?>... views) {
    return context.hasView(views);
  }

  @Override
  public <B, P> PropertyReference<B, P> resolveReference(PropertyReference<B, P> reference) {
    return context.resolveReference(reference);
  }

  @Override
  public <B, P> void pushManagedRef(PropertyReference<B, P> reference) {
    context.pushManagedRef(reference);
  }

  @Override
  public void popManagedRef() {
    context.popManagedRef();
  }

  @Override
  public Optional<SerdeConfiguration> getSerdeConfiguration() {
    return context.getSerdeConfiguration();
  }

  @Override
  public Optional<DeserializationConfiguration> getDeserializationConfiguration() {
    return context.getDeserializationConfiguration();
  }
}
