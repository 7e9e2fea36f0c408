package io.exactlyonce.relay;

import io.micronaut.serde.annotation.Serdeable;

/** The manual's {@code Order} as an application has it: with the annotation of Micronaut Serde. */
@Serdeable
public record RelayedOrder(String article, int pieces) {}
