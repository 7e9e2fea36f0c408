package com.example.payments;

import io.micronaut.serde.annotation.Serdeable;

/**
 * Tells an account's owner of a large payment.
 *
 * @param account who is told: the debtor; also the record's key
 * @param paymentId the event id of the payment
 * @param cents what was paid, in hundredths of the currency
 * @param currency three capital letters
 */
@Serdeable
public record Notification(String account, String paymentId, long cents, String currency) {}
