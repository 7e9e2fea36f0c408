package io.exactlyonce.relay;

import io.micronaut.serde.annotation.Serdeable;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Value with nested values, each of which is read as strictly as one that stands alone. */
@Serdeable
public record Parcel(
    List<RelayedOrder> orders,
    Map<String, Integer> pieces,
    int[] sizes,
    byte[] label,
    BigDecimal price,
    Kind kind,
    Object note) {

  /** One of a set of names. */
  public enum Kind {
    SMALL,
    LARGE
  }
}
