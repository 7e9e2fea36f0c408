package com.example.payments;

import io.micronaut.serde.annotation.Serdeable;

/**
 * Notification of a large payment, for the account's owner.
 *
 * @param account the debtor, who is notified; also the record's key
 * @param paymentId the event id of the payment
 * @param cents the amount, in hundredths of the currency
 * @param currency three capital letters
 */
@Serdeable
public record Notification(String account, String paymentId, long cents, String currency) {}
