package io.exactlyonce.relay;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.micronaut.serde.annotation.Serdeable;
import java.math.BigDecimal;

/**
 * Value whose type depends on its {@code kind}: properties before that one are read once it is
 * known.
 */
@Serdeable
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes(@JsonSubTypes.Type(value = Priced.Exactly.class, name = "exactly"))
public interface Priced {
  /** The only kind. */
  @Serdeable
  record Exactly(BigDecimal price, int pieces) implements Priced {}
}
