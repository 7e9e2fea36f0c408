package com.example.payments;

import io.micronaut.serde.annotation.Serdeable;
import java.util.Map;
import java.util.TreeMap;

/**
 * Balance of an account: the sum of its ledger lines.
 *
 * @param account the account
 * @param cents the sum by currency, in hundredths of it; what was paid out is negative
 * @param entries how many lines were added up
 */
@Serdeable
public record Balance(String account, Map<String, Long> cents, long entries) {

  static Balance none(String account) {
    return new Balance(account, Map.of(), 0);
  }

  Balance plus(LedgerEntry line) {
    return plus(new Balance(account, Map.of(line.currency(), line.cents()), 1));
  }

  Balance plus(Balance other) {
    Map<String, Long> sums = new TreeMap<>(cents);
    other.cents.forEach((currency, sum) -> sums.merge(currency, sum, Long::sum));
    return new Balance(account, sums, entries + other.entries);
  }
}
