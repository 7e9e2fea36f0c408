package io.exactlyonce.readme;

import io.micronaut.serde.annotation.Serdeable;

/** A row of the manual's table of customers. */
@Serdeable
public record Customer(long id, String email) {}
