package io.exactlyonce.readme;

import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/** Of Debezium's envelope what the manual's handler needs. */
@Serdeable
public record CustomerChange(String op, @Nullable Customer before, @Nullable Customer after) {}
