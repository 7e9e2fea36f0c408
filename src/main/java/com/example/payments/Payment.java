package com.example.payments;

import io.micronaut.serde.annotation.Serdeable;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One payment. Its id is the event id of its record.
 *
 * <p>A field that the JSON leaves out is null here, so that {@link #problem} can name it.
 *
 * @param debtor the account that pays
 * @param creditor the account that is paid
 * @param cents the amount in hundredths of the currency: whole, above 0 and below 10^18. Not a
 *     long, since a lenient JSON decoder would cut 12.5 to 12 without an error
 * @param currency three capital letters, as in ISO 4217
 */
@Serdeable
public record Payment(
    @Nullable String debtor,
    @Nullable String creditor,
    @Nullable BigDecimal cents,
    @Nullable String currency) {
  private static final int MAX_ACCOUNT_LENGTH = 200;
  private static final int MAX_DIGITS = 18;

  /**
   * The first problem that the payment has; empty where it has none. It names the field and never
   * the value, which must not get into logs or headers.
   */
  public Optional<Problem> problem() {
    return account("debtor", debtor)
        .or(() -> account("creditor", creditor))
        .or(
            () ->
                problem(
                    Objects.equals(debtor, creditor),
                    "creditor is the debtor",
                    "name two accounts"))
        .or(() -> amount(cents))
        .or(
            () ->
                problem(
                    !isCurrency(currency),
                    "currency is not three capital letters",
                    "send an ISO 4217 code such as EUR"));
  }

  private static Optional<Problem> account(String field, @Nullable String value) {
    String remedy = "send an account id of 1 to " + MAX_ACCOUNT_LENGTH + " characters";
    if (value == null) {
      return problem(true, field + " is missing", remedy);
    }
    return problem(value.isBlank(), field + " is blank", remedy)
        .or(() -> problem(value.length() > MAX_ACCOUNT_LENGTH, field + " is too long", remedy));
  }

  private static Optional<Problem> amount(@Nullable BigDecimal cents) {
    String remedy = "send the amount in hundredths";
    if (cents == null) {
      return problem(true, "cents is missing", remedy);
    }
    return problem(cents.signum() <= 0, "cents is not above 0", "send an amount of 1 or more")
        .or(() -> problem(!isWhole(cents), "cents is not a whole number below 10^18", remedy));
  }

  private static Optional<Problem> problem(boolean present, String error, String remedy) {
    return present ? Optional.of(new Problem(error, remedy)) : Optional.empty();
  }

  /**
   * Whether the amount is whole and below 10^18. It is never written out: 1e999999999 is short to
   * send, and would fill the memory.
   */
  private static boolean isWhole(BigDecimal amount) {
    long integerDigits = (long) amount.precision() - amount.scale();
    return integerDigits <= MAX_DIGITS && amount.stripTrailingZeros().scale() <= 0;
  }

  /**
   * Whether it is three capital letters. It is not looked up: java.util.Currency throws for an
   * unknown code.
   */
  private static boolean isCurrency(@Nullable String code) {
    return code != null && code.length() == 3 && code.chars().allMatch(c -> c >= 'A' && c <= 'Z');
  }
}
