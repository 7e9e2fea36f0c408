package io.exactlyonce.relay;

import io.micronaut.serde.annotation.Serdeable;

/** The manual's {@code Order}, as an application has it: with what Micronaut Serde makes of it. */
@Serdeable
public record RelayedOrder(String article, int pieces) {}
