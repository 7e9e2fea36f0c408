package com.example.payments;

import io.micronaut.serde.annotation.Serdeable;

/**
 * Reason of a refusal: the body of every error response.
 *
 * @param error what is wrong, naming the field or header, never its value
 * @param remedy what the sender can do about it
 */
@Serdeable
public record Problem(String error, String remedy) {}
