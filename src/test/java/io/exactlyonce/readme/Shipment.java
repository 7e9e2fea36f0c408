package io.exactlyonce.readme;

import io.micronaut.serde.annotation.Serdeable;

/** What the warehouse is told. */
@Serdeable
public record Shipment(String orderId, String article, int pieces) {}
