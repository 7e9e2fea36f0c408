package io.exactlyonce.ops.access;

import io.micronaut.serde.annotation.Serdeable;

/**
 * Body of an answer that refuses a request.
 *
 * @param trouble what is wrong with the request, or with Kafka; begins with the field that is
 *     wrong, if one is
 */
@Serdeable
public record Refused(String trouble) {}
