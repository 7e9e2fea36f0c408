package com.example.payments;

import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/**
 * One line of the ledger. Each payment writes two, which add up to 0.
 *
 * @param account whose line it is; also the record's key
 * @param paymentId the event id of the payment
 * @param cents what the account gains, in hundredths of the currency; a debit is negative
 * @param currency three capital letters
 * @param counterparty the account on the other side
 */
@Serdeable
public record LedgerEntry(
    @Nullable String account,
    @Nullable String paymentId,
    @Nullable Long cents,
    @Nullable String currency,
    @Nullable String counterparty) {

  /** Whether it can be added to a balance: a line of another writer may lack a field. */
  boolean isComplete() {
    return account != null && cents != null && currency != null;
  }
}
