package io.exactlyonce.ops.access;

import io.micronaut.serde.annotation.Serdeable;

/**
 * The body of an answer that refuses a request.
 *
 * @param trouble what was wrong with the request, or with Kafka; a field that is wrong begins it
 */
@Serdeable
public record Refused(String trouble) {}
