package io.exactlyonce.readme;

import io.micronaut.serde.annotation.Serdeable;

/** An order as it stands on the topic {@code orders}, keyed by customer. */
@Serdeable
public record Order(String article, int pieces) {}
